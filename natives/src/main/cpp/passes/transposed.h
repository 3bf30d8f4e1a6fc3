// Transposed convolutions, to the operator of ours.
#pragma once

#include <torch/csrc/jit/ir/ir.h>

#include <cstdint>

namespace cresset {

// Replaces transposed convolutions of images or rows by constant weights, each with the batch norm and the activation that follow it; says
// how many.
int64_t replace_transposed_convolutions(torch::jit::Graph& graph);

}  // namespace cresset
