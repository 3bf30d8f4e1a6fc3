// Embeddings, to the operator of ours.
#pragma once

#include <torch/csrc/jit/ir/ir.h>

namespace cresset {

// Replaces embeddings from constant tables; says how many.
int64_t replace_embeddings(torch::jit::Graph& graph);

}  // namespace cresset
