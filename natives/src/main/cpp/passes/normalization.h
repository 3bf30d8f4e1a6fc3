// Puts operators of our own where channels are normalised or concatenated.
#pragma once

#include <torch/csrc/jit/ir/ir.h>

namespace cresset {

void replace_normalization(torch::jit::Graph& graph);

}  // namespace cresset
