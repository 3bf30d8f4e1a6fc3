// Has integers that other integers alone decide, by way of tensors, computed once for those.
#pragma once

#include <torch/csrc/jit/ir/ir.h>

namespace cresset {

void remember_sizes(torch::jit::Graph& graph);

}  // namespace cresset
