#include "passes/folding.h"

#include <ATen/TensorOperators.h>
#include <ATen/native/TypeProperties.h>
#include <ATen/ops/rsqrt.h>
#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/passes/dead_code_elimination.h>
#include <torch/csrc/jit/passes/frozen_conv_folding.h>

#include <algorithm>
#include <map>
#include <optional>
#include <vector>

#include "graph/constants.h"
#include "graph/insert.h"
#include "graph/walk.h"

namespace cresset {

namespace {

using torch::jit::Node;

// Products with such numbers stay far from where float32 ends.
constexpr double kLargestFactor = 1e15;

enum class Folded { kSum, kProduct, kQuotient, kNorm };

std::optional<Folded> folded_as(const Node* node) {
    static const std::map<c10::Symbol, Folded> kinds = {{c10::Symbol::fromQualString("aten::add"), Folded::kSum},
                                                        {c10::Symbol::fromQualString("aten::sub"), Folded::kSum},
                                                        {c10::Symbol::fromQualString("aten::mul"), Folded::kProduct},
                                                        {c10::Symbol::fromQualString("aten::div"), Folded::kQuotient},
                                                        {c10::Symbol::fromQualString("aten::batch_norm"), Folded::kNorm}};
    const auto found = kinds.find(node->kind());
    return found == kinds.end() || node->inputs().size() < 2 ? std::nullopt : std::optional(found->second);
}

// Of the convolution that a node follows, once those between them are folded into it.
std::optional<at::Tensor> weights_before(Node* node) {
    static const auto convolution = c10::Symbol::fromQualString("aten::_convolution");
    static const std::vector<c10::Symbol> convolutions{
        convolution, c10::Symbol::fromQualString("aten::conv1d"), c10::Symbol::fromQualString("aten::conv2d"),
        c10::Symbol::fromQualString("aten::conv3d")};
    for (node = node->input(0)->node(); folded_as(node); node = node->input(0)->node()) {
    }
    const bool is_convolution = std::find(convolutions.begin(), convolutions.end(), node->kind()) != convolutions.end();
    return is_convolution ? constant_tensor(node->input(1)) : std::nullopt;
}

bool are_within(const at::Tensor& numbers, double largest) { return (numbers.abs() <= largest).all().item<bool>(); }

// Whether a convolution with that in its weights answers what the two answer one after the other: in the same type, and with infinite
// numbers where they have them.
bool may_be_folded(const at::Tensor& weights, const at::Tensor& constant, Folded how) {
    if (!constant.defined() || at::result_type(weights, constant) != weights.scalar_type()) {
        return false;
    }
    const at::Tensor numbers = constant.to(at::kDouble);
    const at::Tensor are_large = numbers.abs() >= 1 / kLargestFactor;
    return are_within(numbers, kLargestFactor) &&
           (how == Folded::kSum || (how == Folded::kProduct ? are_large.logical_or(numbers == 0) : are_large).all().item<bool>());
}

bool may_be_folded(Node* norm) {
    const auto variance = constant_tensor(norm->input(4));
    const auto eps = torch::jit::toIValue(norm->input(7));
    if (!variance || !eps || !eps->isDouble()) {
        return true;  // it is not, anyway
    }
    for (size_t i = 1; i <= 3; i++) {
        const auto numbers = constant_tensor(norm->input(i));
        if (numbers && numbers->defined() && !are_within(*numbers, kLargestFactor)) {
            return false;
        }
    }
    return are_within(at::rsqrt(*variance + eps->toDouble()), kLargestFactor);
}

// Puts something between a node and the constant that is not to be folded, so that it is seen as none.
std::vector<Node*> hidden_constants(torch::jit::Graph& graph) {
    static const auto alias = c10::Symbol::fromQualString("aten::alias");
    std::vector<Node*> hidden;
    for_each_node(graph.block(), [&](Node* node) {
        const auto how = folded_as(node);
        const auto weights = how ? weights_before(node) : std::nullopt;
        if (!weights) {
            return;
        }
        const size_t input = how == Folded::kNorm ? 4 : 1;
        const auto constant = constant_tensor(node->input(input));
        if (constant && !(how == Folded::kNorm ? may_be_folded(node) : may_be_folded(*weights, *constant, *how))) {
            hidden.push_back(insert_before(node, alias, {node->input(input)}));
            node->replaceInput(input, hidden.back()->output());
        }
    });
    return hidden;
}

}  // namespace

void fold_into_convolutions(std::shared_ptr<torch::jit::Graph> graph) {
    const auto hidden = hidden_constants(*graph);
    // One makes room for another.
    for (int i = 0; i < 2; i++) {
        torch::jit::FoldFrozenConvBatchnorm(graph);
        torch::jit::FoldFrozenConvAddOrSub(graph);
        torch::jit::FoldFrozenConvMulOrDiv(graph);
    }
    for (auto* node : hidden) {
        node->output()->replaceAllUsesWith(node->input());
        node->destroy();
    }
    torch::jit::EliminateDeadCode(graph);
}

}  // namespace cresset
