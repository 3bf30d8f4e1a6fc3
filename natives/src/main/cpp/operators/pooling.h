// Max pooling of images that have their channels last, as convolutions of ours leave them. LibTorch's own takes three times as
// long.
#pragma once

#include <torch/csrc/jit/ir/ir.h>

namespace cresset {

// Makes the operator known. Called once.
void register_pooling();

// Replaces max pooling by constant windows.
void direct_pooling(torch::jit::Graph& graph);

}  // namespace cresset
