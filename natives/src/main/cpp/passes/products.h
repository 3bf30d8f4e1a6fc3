// Products of two matrices that a graph computes, none of them weights.
#pragma once

#include <torch/csrc/jit/ir/ir.h>

namespace cresset {

void replace_products(torch::jit::Graph& graph);

}  // namespace cresset
