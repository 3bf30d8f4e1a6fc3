// Rows and numbers that a graph takes, or adds up, by their indexes.
#pragma once

#include <torch/csrc/jit/ir/ir.h>

namespace cresset {

void replace_indexing(torch::jit::Graph& graph);

}  // namespace cresset
