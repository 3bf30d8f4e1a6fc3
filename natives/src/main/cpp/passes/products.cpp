#include "passes/products.h"

#include <torch/csrc/jit/passes/dead_code_elimination.h>

#include "graph/insert.h"
#include "graph/walk.h"
#include "operators/nodes.h"

namespace cresset {

void replace_products(torch::jit::Graph& graph) {
    static const auto matmul = c10::Symbol::fromQualString("aten::matmul"), bmm = c10::Symbol::fromQualString("aten::bmm");
    for_each_node(graph.block(), [](torch::jit::Node* node) {
        if ((node->kind() != matmul && node->kind() != bmm) || node->inputs().size() != 2) {
            return;
        }
        auto* made = insert_before(node, nodes::kProduct, {node->input(0), node->input(1)});
        made->i_(nodes::kDimensions, node->kind() == bmm ? 3 : 0);
        node->output()->replaceAllUsesWith(made->output());
    });
    torch::jit::EliminateDeadCode(graph.block());
}

}  // namespace cresset
