#include "passes/layer_norm.h"

#include <torch/csrc/jit/passes/dead_code_elimination.h>

#include <optional>
#include <vector>

#include "graph/constants.h"
#include "graph/insert.h"
#include "graph/match.h"
#include "graph/walk.h"
#include "operators/nodes.h"
#include "operators/tensors.h"
#include "passes/followers.h"

namespace cresset {

namespace {

using torch::jit::Node;
using torch::jit::Value;

// A constant row of numbers; of any width, where none is given.
std::optional<at::Tensor> constant_row(Value* value, std::optional<int64_t> width) {
    const auto row = constant_tensor(value);
    const bool fits = row && is_contiguous_float(*row) && row->dim() == 1 && row->size(0) > 0 && (!width || row->size(0) == *width);
    return fits ? row : std::nullopt;
}

bool replace_layer_norm(Node* node) {
    const auto shape = constant_integers(node->input(1));
    const auto weight = torch::jit::toIValue(node->input(2)), bias = torch::jit::toIValue(node->input(3));
    const auto eps = match::number(node->input(4));
    if (!shape || shape->size() != 1 || shape->front() < 1 || !weight || !bias || !eps) {
        return false;
    }
    const auto factors = constant_row(node->input(2), shape->front()), added = constant_row(node->input(3), shape->front());
    if (!(weight->isNone() || factors) || !(bias->isNone() || added)) {
        return false;
    }
    auto* made = insert_before(node, nodes::kLayerNorm, {node->input(0)});
    made->i_(nodes::kWindow, shape->front());
    made->f_(nodes::kEpsilon, *eps);
    if (factors) {
        made->t_(nodes::kWeight, *factors);
    }
    if (added) {
        made->t_(nodes::kBias, *added);
    }
    node->output()->replaceAllUsesWith(made->output());
    return true;
}

// The value before conversions to float32, which is what float32 numbers are already.
Value* before_conversion(Value* value) {
    auto* node = match::node_of(value, "aten::to");
    while (node != nullptr && node->inputs().size() == 5) {
        const auto type = torch::jit::toIValue(node->input(1));
        if (!type || !type->isInt() || type->toInt() != static_cast<int64_t>(at::kFloat)) {
            break;
        }
        value = node->input(0);
        node = match::node_of(value, "aten::to");
    }
    return value;
}

struct Root {
    Value* x;
    double eps;
    bool in_float;  // after conversion
};

// x, where this is the reciprocal root of the mean of its squares, of each row.
std::optional<Root> root_in(Value* value) {
    auto* root = match::node_of(value, "aten::rsqrt");
    auto* sum = root != nullptr ? match::node_of(root->input(), "aten::add") : nullptr;
    if (!match::adds_as_they_are(sum)) {
        return std::nullopt;
    }
    for (int i = 0; i < 2; i++) {
        const auto eps = match::number(sum->input(1 - i));
        auto* mean = match::node_of(sum->input(i), "aten::mean");
        if (!eps || mean == nullptr || mean->inputs().size() != 4) {
            continue;
        }
        const auto keeps = torch::jit::toIValue(mean->input(2)), type = torch::jit::toIValue(mean->input(3));
        const bool of_rows = constant_integers(mean->input(1)) == std::vector<int64_t>{-1} && keeps && keeps->isBool() &&
                             keeps->toBool() && type && type->isNone();
        if (!of_rows) {
            continue;
        }
        if (auto* x = match::to_the_power(mean->input(0), 2)) {
            return Root{before_conversion(x), *eps, before_conversion(x) != x};
        }
        auto* square = match::node_of(mean->input(0), "aten::mul");
        if (square != nullptr && square->input(0) == square->input(1)) {
            return Root{before_conversion(square->input(0)), *eps, before_conversion(square->input(0)) != square->input(0)};
        }
    }
    return std::nullopt;
}

// The node is a product with a constant row of a product of x with its root.
bool replace_rms_norm(Node* node) {
    for (int i = 0; i < 2; i++) {
        const auto weight = constant_row(node->input(i), std::nullopt);
        auto* product = match::node_of(before_conversion(node->input(1 - i)), "aten::mul");
        if (!weight || product == nullptr || product->inputs().size() != 2) {
            continue;
        }
        for (int j = 0; j < 2; j++) {
            const auto root = root_in(product->input(j));
            if (!root || root->x != before_conversion(product->input(1 - j))) {
                continue;
            }
            auto* made = insert_before(node, nodes::kRmsNorm, {root->x});
            made->i_(nodes::kWindow, weight->size(0));
            made->f_(nodes::kEpsilon, root->eps);
            made->t_(nodes::kWeight, *weight);
            made->i_(nodes::kSquaresInFloat, root->in_float);
            made->i_(nodes::kAllInFloat, root->x != product->input(1 - j));
            node->output()->replaceAllUsesWith(made->output());
            return true;
        }
    }
    return false;
}

}  // namespace

int64_t replace_layer_norm(torch::jit::Graph& graph) {
    static const auto layer_norm = c10::Symbol::fromQualString("aten::layer_norm");
    static const auto mul = c10::Symbol::fromQualString("aten::mul");
    const bool may_move = !any_node(graph.block(), writes_in_place);
    int64_t replaced = 0;
    for_each_node(graph.block(), [&](Node* node) {
        const bool is_norm = node->kind() == layer_norm;
        const bool may_be_norm = node->kind() == mul && node->inputs().size() == 2 && may_move;
        if ((is_norm && replace_layer_norm(node)) || (may_be_norm && replace_rms_norm(node))) {
            replaced++;
        }
    });
    torch::jit::EliminateDeadCode(graph.block());
    return replaced;
}

}  // namespace cresset
