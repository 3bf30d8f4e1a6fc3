// Linear layers, to the operator of ours.
#pragma once

#include <torch/csrc/jit/ir/ir.h>

namespace cresset {

// Replaces linear layers of constant float32 weights, each with the ReLU that follows it; says how many.
int64_t replace_linear(torch::jit::Graph& graph);

}  // namespace cresset
