// Attention of bfloat16 models.
#pragma once

#include <torch/csrc/jit/ir/ir.h>

namespace cresset {

// Called once, before any module runs.
void register_attention();

// Makes a graph compute attention in float32, also of bfloat16 numbers: LibTorch's own loop over those multiplies them one by one.
void attend_in_float(torch::jit::Graph& graph);

}  // namespace cresset
