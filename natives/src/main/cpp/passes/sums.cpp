#include "passes/sums.h"

#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/passes/dead_code_elimination.h>

#include "graph/constants.h"
#include "graph/insert.h"
#include "graph/walk.h"
#include "operators/nodes.h"

namespace cresset {

void replace_sums(torch::jit::Graph& graph) {
    static const auto sum = c10::Symbol::fromQualString("aten::sum"), mean = c10::Symbol::fromQualString("aten::mean");
    for_each_node(graph.block(), [](torch::jit::Node* node) {
        // What is added up, dimensions, whether they are kept, type.
        if ((node->kind() != sum && node->kind() != mean) || node->inputs().size() != 4) {
            return;
        }
        const auto dimensions = constant_integers(node->input(1));
        const auto keeps = torch::jit::toIValue(node->input(2)), type = torch::jit::toIValue(node->input(3));
        if (!dimensions || dimensions->size() != 1 || !keeps || !keeps->isBool() || !type || !type->isNone()) {
            return;
        }
        auto* made = insert_before(node, nodes::kSum, {node->input(0)});
        made->i_(nodes::kDimension, dimensions->front());
        made->i_(nodes::kKeepsDimension, keeps->toBool());
        made->i_(nodes::kIsMean, node->kind() == mean);
        node->output()->replaceAllUsesWith(made->output());
    });
    torch::jit::EliminateDeadCode(graph.block());
}

}  // namespace cresset
