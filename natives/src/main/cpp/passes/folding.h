// Constants that can be computed with a layer's weights, once and for all.
#pragma once

#include <torch/csrc/jit/ir/ir.h>

#include <memory>

namespace cresset {

// Batch norms and sums and products with constants, into the convolutions before them. LibTorch's freezing does the same, and more, if it is
// let: it also folds batch norms into linear layers whose outputs somebody else reads, or have more than two dimensions, where that
// makes other answers. Nor is folded here what would make other answers: a constant of a wider type, infinite ones, a quotient by zero.
void fold_into_convolutions(std::shared_ptr<torch::jit::Graph> graph);

}  // namespace cresset
