// Norms of rows, by a kernel of our own.
#pragma once

#include <torch/csrc/jit/ir/ir.h>

namespace cresset {

// Layer norms of the last dimension, and RMS norms that a graph spells out; returns how many.
int64_t replace_layer_norm(torch::jit::Graph& graph);

}  // namespace cresset
