// Chains of element-wise operators, whose values in between nobody else looks at, become one operator of our own.
#pragma once

#include <torch/csrc/jit/ir/ir.h>

namespace cresset {

// Leaves a graph alone in which something is written to in place.
void replace_elementwise(torch::jit::Graph& graph);

void replace_softmax(torch::jit::Graph& graph);

}  // namespace cresset
