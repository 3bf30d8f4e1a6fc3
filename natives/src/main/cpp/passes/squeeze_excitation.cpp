#include "passes/squeeze_excitation.h"

#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/passes/dead_code_elimination.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "graph/constants.h"
#include "graph/insert.h"
#include "graph/walk.h"
#include "operators/nodes.h"

namespace cresset {

namespace {

bool is_mean_of_image(torch::jit::Node* node) {
    static const auto pool = c10::Symbol::fromQualString("aten::adaptive_avg_pool2d");
    if (node->kind() != pool) {
        return false;
    }
    return constant_integers(node->input(1)) == std::vector<int64_t>{1, 1};
}

// The dimensions of a mean over an image's pixels, which are the last two of its four; or none.
std::optional<std::vector<int64_t>> pixels_of_mean(torch::jit::Node* node) {
    static const auto mean = c10::Symbol::fromQualString("aten::mean");
    if (node->kind() != mean || node->inputs().size() != 4) {
        return std::nullopt;
    }
    const auto dimensions = constant_integers(node->input(1));
    const auto type = torch::jit::toIValue(node->input(3));
    if (!dimensions || dimensions->size() != 2 || !torch::jit::toIValue(node->input(2)) || !type || !type->isNone()) {
        return std::nullopt;
    }
    const auto axis = [](int64_t dimension) { return dimension < 0 ? dimension + 4 : dimension; };
    const int64_t first = axis((*dimensions)[0]), second = axis((*dimensions)[1]);
    return std::min(first, second) == 2 && std::max(first, second) == 3 ? dimensions : std::nullopt;
}

bool is_of_convolution(torch::jit::Value* value) { return value->node()->kind() == nodes::kConvolution; }

// The image and what it is multiplied by: which is which shows only in the shapes, but the factors come last.
std::vector<torch::jit::Value*> image_and_factors(torch::jit::Node* node) {
    static const auto mul = c10::Symbol::fromQualString("aten::mul");
    if (node->kind() != mul || node->inputs().size() != 2) {
        return {};
    }
    auto* left = node->input(0);
    auto* right = node->input(1);
    const auto& tensor = *c10::TensorType::get();
    if (left == right || !left->type()->isSubtypeOf(tensor) || !right->type()->isSubtypeOf(tensor)) {
        return {};
    }
    if (is_of_convolution(right) && !(is_of_convolution(left) && left->node()->isAfter(right->node()))) {
        return {left, right};
    }
    return is_of_convolution(left) ? std::vector{right, left} : std::vector<torch::jit::Value*>{};
}

}  // namespace

void replace_squeeze_excitation(torch::jit::Graph& graph) {
    for_each_node(graph.block(), [](torch::jit::Node* node) {
        if (const auto dimensions = pixels_of_mean(node)) {
            auto* made = insert_before(node, nodes::kChannelMeans, {node->input(0)});
            made->is_(nodes::kDimensions, *dimensions);
            made->i_(nodes::kKeepsDimension, torch::jit::toIValue(node->input(2))->toBool() ? 1 : 0);
            node->output()->replaceAllUsesWith(made->output());
            return;
        }
        const auto factors = image_and_factors(node);
        const bool is_mean = is_mean_of_image(node);
        if (!is_mean && factors.empty()) {
            return;
        }
        auto* made = is_mean ? insert_before(node, nodes::kChannelMeans, {node->input(0)})
                             : insert_before(node, nodes::kScaledChannels, factors);
        node->output()->replaceAllUsesWith(made->output());
    });
    torch::jit::EliminateDeadCode(graph.block());
}

}  // namespace cresset
