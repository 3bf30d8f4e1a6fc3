// Max pooling, to the operator of ours.
#pragma once

#include <torch/csrc/jit/ir/ir.h>

namespace cresset {

// Replaces max pooling by constant windows.
void replace_pooling(torch::jit::Graph& graph);

}  // namespace cresset
