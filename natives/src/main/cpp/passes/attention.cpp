#include "passes/attention.h"

#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/passes/dead_code_elimination.h>

#include <optional>

#include "graph/insert.h"
#include "graph/walk.h"
#include "operators/nodes.h"
#include "passes/followers.h"

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

bool is_product(const torch::jit::Node* node) {
    static const auto matmul = c10::Symbol::fromQualString("aten::matmul");
    static const auto bmm = c10::Symbol::fromQualString("aten::bmm");
    return node != nullptr && (node->kind() == matmul || node->kind() == bmm);
}

struct Factor {
    double value = 1;
    bool divides = false;
};

// What a node multiplies or divides a tensor by, if that is a constant number.
std::optional<Factor> factor_in(torch::jit::Node* node) {
    static const auto mul = c10::Symbol::fromQualString("aten::mul");
    static const auto div = c10::Symbol::fromQualString("aten::div");
    if ((node->kind() != mul && node->kind() != div) || node->inputs().size() != 2) {
        return std::nullopt;
    }
    const auto number = torch::jit::toIValue(node->input(1));
    if (!number) {
        return std::nullopt;
    }
    if (number->isDouble() || number->isInt()) {
        return Factor{number->toScalar().toDouble(), node->kind() == div};
    }
    // Tracing makes tensors of numbers.
    const bool is_number = number->isTensor() && number->toTensor().dim() == 0 && number->toTensor().is_floating_point();
    return is_number ? std::optional(Factor{number->toTensor().item<double>(), node->kind() == div}) : std::nullopt;
}

struct Scores {
    torch::jit::Node* product;
    Factor factor;
};

// A product of matrices whose elements are at most multiplied by a number, that nobody else reads.
std::optional<Scores> scores_in(torch::jit::Value* value) {
    if (value->uses().size() != 1) {
        return std::nullopt;
    }
    auto* node = value->node();
    const auto factor = factor_in(node);
    if (factor) {
        if (node->input(0)->uses().size() != 1) {
            return std::nullopt;
        }
        node = node->input(0)->node();
    }
    return is_product(node) ? std::optional(Scores{node, factor.value_or(Factor{})}) : std::nullopt;
}

int64_t replace_spelled(torch::jit::Graph& graph, bool may_lie_otherwise) {
    static const auto softmax = c10::Symbol::fromQualString("aten::softmax");
    static const auto add = c10::Symbol::fromQualString("aten::add");
    // What is computed later may not be what it would have been.
    if (any_node(graph.block(), writes_in_place)) {
        return 0;
    }
    int64_t replaced = 0;
    for_each_node(graph.block(), [&](torch::jit::Node* node) {
        if (node->kind() != softmax) {
            return;
        }
        const auto dim = torch::jit::toIValue(node->input(1)), type = torch::jit::toIValue(node->input(2));
        const bool is_plain = dim && dim->isInt() && type && (type->isNone() || type->toInt() == static_cast<int64_t>(at::kFloat));
        auto* second = only_user(node);
        if (!is_plain || !is_product(second) || second->input(0) != node->output()) {
            return;
        }
        auto* scored = node->input(0);
        auto scores = scores_in(scored);
        torch::jit::Value* mask = nullptr;
        if (!scores && scored->node()->kind() == add && scored->uses().size() == 1) {
            for (int i = 0; i < 2 && !scores; i++) {
                mask = addend(scored->node(), scored->node()->input(i));
                scores = mask != nullptr ? scores_in(scored->node()->input(i)) : std::nullopt;
            }
        }
        if (!scores || scores->product->owningBlock() != second->owningBlock()) {
            return;
        }
        auto* made = insert_before(
            second, nodes::kSpelledAttention, {scores->product->input(0), scores->product->input(1), second->input(1)});
        if (mask != nullptr) {
            made->addInput(mask);
        }
        made->f_(nodes::kFactor, scores->factor.value);
        made->i_(nodes::kDivides, scores->factor.divides);
        made->i_(nodes::kDim, dim->toInt());
        made->i_(nodes::kInRows, may_lie_otherwise);
        second->output()->replaceAllUsesWith(made->output());
        replaced++;
    });
    torch::jit::EliminateDeadCode(graph.block());
    return replaced;
}

}  // namespace

void compute_attention_in_float(torch::jit::Graph& graph) { replace_by(graph, nodes::kAttentionInFloat); }

int64_t replace_attention(torch::jit::Graph& graph, bool may_lie_otherwise) {
    return replace_by(graph, nodes::kAttention) + replace_spelled(graph, may_lie_otherwise);
}

}  // namespace cresset
