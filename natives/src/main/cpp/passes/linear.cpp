#include "passes/linear.h"

#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/passes/dead_code_elimination.h>

#include "graph/constants.h"
#include "graph/insert.h"
#include "graph/walk.h"
#include "operators/nodes.h"
#include "operators/tensors.h"

namespace cresset {

namespace {

bool is_supported(torch::jit::Node* node) {
    static const auto linear = c10::Symbol::fromQualString("aten::linear");
    if (node->kind() != linear) {
        return false;
    }
    const auto weight = constant_tensor(node->input(1));
    if (!weight || !is_contiguous_float(*weight) || weight->dim() != 2) {
        return false;
    }
    const auto bias = torch::jit::toIValue(node->input(2));
    return bias && (bias->isNone() || (bias->isTensor() && is_contiguous_float(bias->toTensor()) && bias->toTensor().dim() == 1 &&
                                       bias->toTensor().size(0) == weight->size(0)));
}

// The ReLU of what this node computes, if that goes nowhere else; or null.
torch::jit::Node* relu_of(torch::jit::Node* node) {
    static const auto relu = c10::Symbol::fromQualString("aten::relu");
    const auto& uses = node->output()->uses();
    const bool is_relu = uses.size() == 1 && uses[0].user->kind() == relu && uses[0].user->owningBlock() == node->owningBlock();
    return is_relu ? uses[0].user : nullptr;
}

}  // namespace

int64_t replace_linear(torch::jit::Graph& graph) {
    int64_t replaced = 0;
    for_each_node(graph.block(), [&](torch::jit::Node* node) {
        if (!is_supported(node)) {
            return;
        }
        auto* relu = relu_of(node);
        auto* made = insert_before(node, nodes::kLinear, {node->input(0)});
        made->t_(nodes::kWeight, *constant_tensor(node->input(1)));
        if (const auto bias = torch::jit::toIValue(node->input(2)); bias->isTensor()) {
            made->t_(nodes::kBias, bias->toTensor());
        }
        made->i_(nodes::kActivation, static_cast<int64_t>(relu != nullptr ? Activation::kRelu : Activation::kNone));
        (relu != nullptr ? relu : node)->output()->replaceAllUsesWith(made->output());
        replaced++;
    });
    torch::jit::EliminateDeadCode(graph.block());
    return replaced;
}

}  // namespace cresset
