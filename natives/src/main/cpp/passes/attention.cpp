#include "passes/attention.h"

#include "graph/walk.h"
#include "operators/nodes.h"

namespace cresset {

void compute_attention_in_float(torch::jit::Graph& graph) {
    static const auto attention = c10::Symbol::fromQualString("aten::scaled_dot_product_attention");
    for_each_node(graph.block(), [](torch::jit::Node* node) {
        if (node->kind() == attention) {
            node->replaceWithNewSymbol(nodes::kAttention);
            node->destroy();
        }
    });
}

}  // namespace cresset
