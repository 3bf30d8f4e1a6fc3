// Recurrent layers, to the operators of ours.
#pragma once

#include <torch/csrc/jit/ir/ir.h>

namespace cresset {

// Replaces LSTMs, GRUs and plain recurrent layers of constant float32 weights, and single cells of them; says how many.
int64_t replace_recurrent(torch::jit::Graph& graph);

}  // namespace cresset
