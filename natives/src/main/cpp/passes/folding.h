// Constants that can be computed with a layer's weights, once and for all.
#pragma once

#include <torch/csrc/jit/ir/ir.h>

#include <memory>

namespace cresset {

// Batch norms and sums and products with constants, into the convolutions before them. LibTorch's freezing does the same, and more, if it is
// let: it also folds batch norms into linear layers whose outputs somebody else reads, or have more than two dimensions, where that
// makes other answers.
void fold_into_convolutions(std::shared_ptr<torch::jit::Graph> graph);

}  // namespace cresset
