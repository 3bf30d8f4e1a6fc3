// Images made larger or smaller, to the operators of ours.
#pragma once

#include <torch/csrc/jit/ir/ir.h>

namespace cresset {

void replace_upsampling(torch::jit::Graph& graph);

}  // namespace cresset
