#include "passes/attention.h"

#include "graph/walk.h"
#include "operators/nodes.h"

namespace cresset {

namespace {

int64_t replace_by(torch::jit::Graph& graph, c10::Symbol symbol) {
    static const auto attention = c10::Symbol::fromQualString("aten::scaled_dot_product_attention");
    int64_t replaced = 0;
    for_each_node(graph.block(), [&](torch::jit::Node* node) {
        if (node->kind() == attention) {
            node->replaceWithNewSymbol(symbol);
            node->destroy();
            replaced++;
        }
    });
    return replaced;
}

}  // namespace

void compute_attention_in_float(torch::jit::Graph& graph) { replace_by(graph, nodes::kAttentionInFloat); }

int64_t replace_attention(torch::jit::Graph& graph) { return replace_by(graph, nodes::kAttention); }

}  // namespace cresset
