// What squeeze-and-excitation (Hu and others, "Squeeze-and-Excitation Networks", 2018) does between its convolutions: the mean of
// each channel, and an image whose channels are multiplied by a number each. LibTorch takes longer to prepare either than to
// compute it.
#pragma once

#include <torch/csrc/jit/ir/ir.h>

namespace cresset {

// Makes the operators known. Called once.
void register_squeeze();

// Replaces means of whole images, and products with what a convolution of ours computed.
void direct_squeeze(torch::jit::Graph& graph);

}  // namespace cresset
