#include "passes/indexing.h"

#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/passes/dead_code_elimination.h>

#include <optional>

#include "graph/insert.h"
#include "graph/walk.h"
#include "operators/nodes.h"
#include "passes/followers.h"

namespace cresset {

namespace {

using torch::jit::Node;
using torch::jit::Value;

bool is(const Node* node, const char* name) { return node->kind() == c10::Symbol::fromQualString(name); }

std::optional<int64_t> integer(Value* value) {
    const auto known = torch::jit::toIValue(value);
    return known && known->isInt() ? std::optional(known->toInt()) : std::nullopt;
}

// The one index of a list of them.
Value* only_index(Value* list) {
    auto* made = list->node();
    const bool is_one = made->kind() == torch::jit::prim::ListConstruct && made->inputs().size() == 1 &&
                        made->input()->type()->isSubtypeOf(*c10::TensorType::get());
    return is_one ? made->input() : nullptr;
}

Node* replacement_of(Node* node) {
    if (is(node, "aten::index") && node->inputs().size() == 2) {
        auto* index = only_index(node->input(1));
        if (index == nullptr) {
            return nullptr;
        }
        auto* made = insert_before(node, nodes::kRows, {node->input(0), index});
        made->i_(nodes::kCountsFromEnd, 1);
        return made;
    }
    if (is(node, "aten::index_select") && node->inputs().size() == 3 && integer(node->input(1)) == 0) {
        auto* made = insert_before(node, nodes::kRows, {node->input(0), node->input(2)});
        made->i_(nodes::kCountsFromEnd, 0);
        return made;
    }
    if (is(node, "aten::index_add") && node->inputs().size() == 5 && integer(node->input(1)) == 0 && is_one(node->input(4))) {
        return insert_before(node, nodes::kAddedRows, {node->input(0), node->input(2), node->input(3)});
    }
    if (is(node, "aten::gather") && node->inputs().size() == 4 && integer(node->input(1))) {
        auto* made = insert_before(node, nodes::kGathered, {node->input(0), node->input(2)});
        made->i_(nodes::kDimension, *integer(node->input(1)));
        return made;
    }
    if (is(node, "aten::scatter_add") && node->inputs().size() == 4 && integer(node->input(1))) {
        auto* made = insert_before(node, nodes::kScattered, {node->input(0), node->input(2), node->input(3)});
        made->i_(nodes::kDimension, *integer(node->input(1)));
        return made;
    }
    return nullptr;
}

}  // namespace

void replace_indexing(torch::jit::Graph& graph) {
    for_each_node(graph.block(), [](Node* node) {
        if (auto* made = replacement_of(node)) {
            node->output()->replaceAllUsesWith(made->output());
        }
    });
    torch::jit::EliminateDeadCode(graph.block());
}

}  // namespace cresset
