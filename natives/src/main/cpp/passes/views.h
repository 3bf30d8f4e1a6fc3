// Views of views of a tensor, to one operator of ours.
#pragma once

#include <torch/csrc/jit/ir/ir.h>

namespace cresset {

// Replaces views whose numbers are known or integers of the graph, and sizes of such views. The last of the passes: others look for
// LibTorch's views.
void replace_views(torch::jit::Graph& graph);

}  // namespace cresset
