// Activations that a graph spells out.
#pragma once

#include <torch/csrc/jit/ir/ir.h>

namespace cresset {

// Puts one operator of our own in the place of GELU, SiLU, hard swish and hard sigmoid where a graph has them in parts: as transformers
// wrote them before there were operators for them, and as decompositions do.
void recognise_activations(torch::jit::Graph& graph);

}  // namespace cresset
