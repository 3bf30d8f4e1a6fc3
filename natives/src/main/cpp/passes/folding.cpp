#include "passes/folding.h"

#include <torch/csrc/jit/passes/dead_code_elimination.h>
#include <torch/csrc/jit/passes/frozen_conv_folding.h>

namespace cresset {

void fold_into_convolutions(std::shared_ptr<torch::jit::Graph> graph) {
    // One makes room for another.
    for (int i = 0; i < 2; i++) {
        torch::jit::FoldFrozenConvBatchnorm(graph);
        torch::jit::FoldFrozenConvAddOrSub(graph);
        torch::jit::FoldFrozenConvMulOrDiv(graph);
    }
    torch::jit::EliminateDeadCode(graph);
}

}  // namespace cresset
