// Sums and means along a dimension, to the operator of ours.
#pragma once

#include <torch/csrc/jit/ir/ir.h>

namespace cresset {

// Replaces those along one dimension that the code names, in the type of what is added.
void replace_sums(torch::jit::Graph& graph);

}  // namespace cresset
