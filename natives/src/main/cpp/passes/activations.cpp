#include "passes/activations.h"

#include <torch/csrc/jit/passes/dead_code_elimination.h>

#include <optional>

#include "graph/insert.h"
#include "graph/match.h"
#include "graph/walk.h"
#include "operators/nodes.h"
#include "passes/followers.h"

namespace cresset {

namespace {

using torch::jit::Node;
using torch::jit::Value;

struct Recognised {
    Activation activation;
    Value* input;
};

constexpr double kRootOfHalf = 0.70710678118654752, kRootOfTwo = 1.4142135623730951, kTanhFactor = 0.79788456080286536,
                 kCubeFactor = 0.044715;

bool is_tensor(Value* value) { return value != nullptr && value->type()->isSubtypeOf(*c10::TensorType::get()); }

// x, where this is sqrt(2 / pi) * (x + 0.044715 * x^3).
Value* argument_of_tanh(Value* value) {
    auto* sum = match::node_of(match::times(value, kTanhFactor), "aten::add");
    if (!match::adds_as_they_are(sum)) {
        return nullptr;
    }
    for (int i = 0; i < 2; i++) {
        auto* x = sum->input(i);
        auto* cube = match::times(sum->input(1 - i), kCubeFactor);
        if (cube != nullptr && match::to_the_power(cube, 3) == x) {
            return x;
        }
    }
    return nullptr;
}

// A half of x times one plus this: GELU, if this is what GELU has there.
std::optional<Recognised> gelu_in(Node* node) {
    for (int i = 0; i < 2; i++) {
        auto* inner = match::plus(node->input(i), 1);
        if (inner == nullptr) {
            continue;
        }
        Value* x = nullptr;
        auto activation = Activation::kNone;
        if (auto* tanh = match::node_of(inner, "aten::tanh")) {
            x = argument_of_tanh(tanh->input());
            activation = Activation::kGeluTanh;
        } else if (auto* erf = match::node_of(inner, "aten::erf")) {
            auto* by_division = match::over(erf->input(), kRootOfTwo);
            x = by_division != nullptr ? by_division : match::times(erf->input(), kRootOfHalf);
            activation = Activation::kGeluErf;
        }
        if (x == nullptr) {
            continue;
        }
        if (match::times(node->input(1 - i), 0.5) == x || match::over(node->input(1 - i), 2) == x) {
            return Recognised{activation, x};
        }
    }
    return std::nullopt;
}

// x + 3, held between 0 and 6: returns x.
Value* held(Value* value) {
    for (const char* kind : {"aten::hardtanh", "aten::clamp"}) {
        auto* node = match::node_of(value, kind);
        if (node != nullptr && match::is_number(node->input(2), 6)) {
            const auto low = match::number(node->input(1));
            return low && *low == 0 ? match::plus(node->input(0), 3) : nullptr;
        }
    }
    auto* relu6 = match::node_of(value, "aten::relu6");
    return relu6 != nullptr ? match::plus(relu6->input(), 3) : nullptr;
}

// x, where this is the hard sigmoid of it.
Value* hard_sigmoid_of(Value* value) {
    if (auto* node = match::node_of(value, "aten::hardsigmoid")) {
        return node->input();
    }
    auto* by_division = match::over(value, 6);
    auto* sixfold = by_division != nullptr ? by_division : match::times(value, 1.0 / 6);
    return sixfold != nullptr ? held(sixfold) : nullptr;
}

std::optional<Recognised> recognised_in(Node* node) {
    static const auto mul = c10::Symbol::fromQualString("aten::mul");
    static const auto div = c10::Symbol::fromQualString("aten::div");
    if (node->inputs().size() != 2 || (node->kind() != mul && node->kind() != div)) {
        return std::nullopt;
    }
    if (node->kind() == mul) {
        if (auto gelu = gelu_in(node)) {
            return gelu;
        }
        for (int i = 0; i < 2; i++) {
            auto *x = node->input(i), *factor = node->input(1 - i);
            auto* sigmoid = match::node_of(factor, "aten::sigmoid");
            if (sigmoid != nullptr && sigmoid->input() == x) {
                return Recognised{Activation::kSilu, x};
            }
            if (is_tensor(factor) && hard_sigmoid_of(factor) == x) {
                return Recognised{Activation::kHardswish, x};
            }
        }
    } else if (auto* product = match::node_of(match::over(node->output(), 6), "aten::mul")) {
        for (int i = 0; i < 2; i++) {
            if (held(product->input(1 - i)) == product->input(i)) {
                return Recognised{Activation::kHardswish, product->input(i)};
            }
        }
    }
    auto* x = hard_sigmoid_of(node->output());
    return x != nullptr ? std::optional(Recognised{Activation::kHardsigmoid, x}) : std::nullopt;
}

}  // namespace

void recognise_activations(torch::jit::Graph& graph) {
    // Where something is written to in place, two readings of a value may not be the same.
    if (any_node(graph.block(), writes_in_place)) {
        return;
    }
    for_each_node(graph.block(), [&](Node* node) {
        const auto found = recognised_in(node);
        if (!found || !is_tensor(found->input)) {
            return;
        }
        auto* made = insert_before(node, nodes::kActivated, {found->input});
        made->i_(nodes::kActivation, static_cast<int64_t>(found->activation));
        node->output()->replaceAllUsesWith(made->output());
    });
    torch::jit::EliminateDeadCode(graph.block());
}

}  // namespace cresset
