// Tensors put together, to the operator of ours.
#pragma once

#include <torch/csrc/jit/ir/ir.h>

namespace cresset {

// Replaces those whose list the code spells out.
void replace_cat(torch::jit::Graph& graph);

}  // namespace cresset
