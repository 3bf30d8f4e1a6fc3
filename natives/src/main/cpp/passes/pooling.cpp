#include "passes/pooling.h"

#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/passes/dead_code_elimination.h>

#include <optional>
#include <vector>

#include "graph/constants.h"
#include "graph/insert.h"
#include "graph/walk.h"
#include "operators/nodes.h"

namespace cresset {

namespace {

using Pair = std::vector<int64_t>;

struct Window {
    Pair size, stride, padding;
};

// What LibTorch would refuse is left to it.
std::optional<Window> window_of(torch::jit::Node* node) {
    static const auto max_pool = c10::Symbol::fromQualString("aten::max_pool2d");
    if (node->kind() != max_pool) {
        return std::nullopt;
    }
    const auto size = constant_pair(node->input(1), 1);
    const auto strides = constant_integers(node->input(2));
    const auto stride = strides && strides->empty() ? size : constant_pair(node->input(2), 1);
    const auto padding = constant_pair(node->input(3), 0);
    const auto dilation = constant_pair(node->input(4), 1);
    const auto ceil = torch::jit::toIValue(node->input(5));
    if (!ceil || ceil->toBool() || !size || !stride || !padding || dilation != Pair{1, 1}) {
        return std::nullopt;
    }
    const bool is_in_window = 2 * (*padding)[0] <= (*size)[0] && 2 * (*padding)[1] <= (*size)[1];
    return is_in_window ? std::optional(Window{*size, *stride, *padding}) : std::nullopt;
}

}  // namespace

void replace_pooling(torch::jit::Graph& graph) {
    for_each_node(graph.block(), [](torch::jit::Node* node) {
        const auto window = window_of(node);
        if (!window) {
            return;
        }
        auto* made = insert_before(node, nodes::kMaxPool, {node->input(0)});
        made->is_(nodes::kWindow, window->size);
        made->is_(nodes::kStride, window->stride);
        made->is_(nodes::kPadding, window->padding);
        node->output()->replaceAllUsesWith(made->output());
    });
    torch::jit::EliminateDeadCode(graph.block());
}

}  // namespace cresset
