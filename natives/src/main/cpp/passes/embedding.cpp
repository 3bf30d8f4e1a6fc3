#include "passes/embedding.h"

#include <torch/csrc/jit/passes/dead_code_elimination.h>

#include "graph/constants.h"
#include "graph/insert.h"
#include "graph/walk.h"
#include "operators/nodes.h"
#include "operators/tensors.h"

namespace cresset {

int64_t replace_embeddings(torch::jit::Graph& graph) {
    static const auto embedding = c10::Symbol::fromQualString("aten::embedding");
    int64_t replaced = 0;
    for_each_node(graph.block(), [&](torch::jit::Node* node) {
        const auto table = node->kind() == embedding ? constant_tensor(node->input(0)) : std::nullopt;
        const bool fits = table && table->dim() == 2 && is_materialized(*table) && !table->is_quantized() && !table->is_conj() &&
                          table->is_contiguous() && table->numel() > 0;
        if (fits) {
            auto* made = insert_before(node, nodes::kEmbedding, {node->input(1)});
            made->t_(nodes::kWeight, *table);
            node->output()->replaceAllUsesWith(made->output());
            replaced++;
        }
    });
    torch::jit::EliminateDeadCode(graph.block());
    return replaced;
}

}  // namespace cresset
