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

using Axes = std::vector<int64_t>;

struct Window {
    Axes size, stride, padding;
};

// What LibTorch would refuse is left to it.
std::optional<Window> window_of(torch::jit::Node* node) {
    static const auto of_images = c10::Symbol::fromQualString("aten::max_pool2d");
    static const auto of_volumes = c10::Symbol::fromQualString("aten::max_pool3d");
    if (node->kind() != of_images && node->kind() != of_volumes) {
        return std::nullopt;
    }
    const size_t axes = node->kind() == of_images ? 2 : 3;
    const auto size = constant_by_axis(node->input(1), axes, 1);
    const auto strides = constant_integers(node->input(2));
    const auto stride = strides && strides->empty() ? size : constant_by_axis(node->input(2), axes, 1);
    const auto padding = constant_by_axis(node->input(3), axes, 0);
    const auto dilation = constant_by_axis(node->input(4), axes, 1);
    const auto ceil = torch::jit::toIValue(node->input(5));
    if (!ceil || ceil->toBool() || !size || !stride || !padding || dilation != Axes(axes, 1)) {
        return std::nullopt;
    }
    for (size_t axis = 0; axis < axes; axis++) {
        if (2 * (*padding)[axis] > (*size)[axis]) {
            return std::nullopt;
        }
    }
    return Window{*size, *stride, *padding};
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
