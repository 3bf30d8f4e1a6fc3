// Attention of bfloat16 models.
#pragma once

#include <torch/csrc/jit/ir/ir.h>

namespace cresset {

// Makes a graph compute attention in float32, also of bfloat16 numbers: LibTorch's own loop over those multiplies them one by one.
void compute_attention_in_float(torch::jit::Graph& graph);

// By our own kernels: LibTorch's one operator for it, and softmax between two products. May the latter's output lie as the former's does?
int64_t replace_attention(torch::jit::Graph& graph, bool may_lie_otherwise);

}  // namespace cresset
