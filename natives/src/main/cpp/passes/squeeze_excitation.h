// Squeeze-and-excitation, to the operators of ours.
#pragma once

#include <torch/csrc/jit/ir/ir.h>

namespace cresset {

// Replaces means of whole images, and products with what a convolution of ours computes.
void replace_squeeze_excitation(torch::jit::Graph& graph);

}  // namespace cresset
