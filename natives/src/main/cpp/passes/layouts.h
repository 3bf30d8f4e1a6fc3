// How tensors lie in memory, where nothing in a graph asks for it.
#pragma once

#include <torch/csrc/jit/ir/ir.h>

namespace cresset {

// Takes the copies out of a graph that only lay tensors out in the order of their dimensions (contiguous). What needs that
// order makes the copy itself, and much does not. For graphs of modules that do not depend on strides.
void leave_layouts(torch::jit::Graph& graph);

}  // namespace cresset
