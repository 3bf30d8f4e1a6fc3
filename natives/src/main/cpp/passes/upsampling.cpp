#include "passes/upsampling.h"

#include <torch/csrc/jit/passes/dead_code_elimination.h>

#include "graph/insert.h"
#include "graph/walk.h"
#include "operators/nodes.h"

namespace cresset {

void replace_upsampling(torch::jit::Graph& graph) {
    static const auto bilinear = c10::Symbol::fromQualString("aten::upsample_bilinear2d");
    static const auto nearest = c10::Symbol::fromQualString("aten::upsample_nearest2d");
    for_each_node(graph.block(), [](torch::jit::Node* node) {
        if (node->kind() == bilinear || node->kind() == nearest) {
            auto* made = insert_before(node, node->kind() == bilinear ? nodes::kBilinear : nodes::kNearest, node->inputs());
            node->output()->replaceAllUsesWith(made->output());
        }
    });
    torch::jit::EliminateDeadCode(graph.block());
}

}  // namespace cresset
