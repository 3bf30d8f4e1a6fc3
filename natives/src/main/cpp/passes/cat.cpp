#include "passes/cat.h"

#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/passes/dead_code_elimination.h>

#include <algorithm>

#include "graph/insert.h"
#include "graph/walk.h"
#include "operators/cat.h"
#include "operators/nodes.h"
#include "passes/followers.h"

namespace cresset {

void replace_cat(torch::jit::Graph& graph) {
    static const auto cat = c10::Symbol::fromQualString("aten::cat"), stack = c10::Symbol::fromQualString("aten::stack");
    // A list may be longer by then.
    if (any_node(graph.block(), writes_in_place)) {
        return;
    }
    for_each_node(graph.block(), [&](torch::jit::Node* node) {
        if ((node->kind() != cat && node->kind() != stack) || node->inputs().size() != 2) {
            return;
        }
        auto* list = node->input(0)->node();
        const auto dimension = torch::jit::toIValue(node->input(1));
        if (list->kind() != torch::jit::prim::ListConstruct || list->inputs().empty() || !dimension || !dimension->isInt()) {
            return;
        }
        const auto parts = list->inputs();
        if (!std::all_of(parts.begin(), parts.end(), [](const torch::jit::Value* part) { return part->type()->isSubtypeOf(*c10::TensorType::get()); })) {
            return;
        }
        auto* made = insert_before(node, nodes::kCat, parts);
        made->setSourceRange(node->sourceRange());
        made->i_(nodes::kDimension, dimension->toInt());
        made->i_(nodes::kStacks, node->kind() == stack);
        made->output()->setType(node->output()->type());
        node->output()->replaceAllUsesWith(made->output());
    });
    torch::jit::EliminateDeadCode(graph.block());
}

}  // namespace cresset
