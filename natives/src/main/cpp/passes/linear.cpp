#include "passes/linear.h"

#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/passes/dead_code_elimination.h>

#include <optional>
#include <utility>

#include "graph/constants.h"
#include "graph/insert.h"
#include "graph/walk.h"
#include "operators/nodes.h"
#include "operators/reduced_linear.h"
#include "operators/tensors.h"
#include "passes/followers.h"

namespace cresset {

namespace {

struct Layer {
    torch::jit::Value* input;
    at::Tensor weight;  // [output][input]
    std::optional<at::Tensor> bias;
};

// A constant matrix. The other operand of a product with it is left as it is: LibTorch says what is wrong with it.
std::optional<at::Tensor> constant_matrix(torch::jit::Value* value) {
    const auto weight = constant_tensor(value);
    if (!weight || !is_materialized(*weight) || weight->dim() != 2 || weight->numel() == 0) {
        return std::nullopt;
    }
    const auto numbers = weight->scalar_type();
    const bool fits = numbers == at::kFloat || (numbers == at::kBFloat16 && ReducedLinear::can_compute());
    return fits ? weight : std::nullopt;
}

std::optional<Layer> layer_in(torch::jit::Node* node) {
    static const auto linear = c10::Symbol::fromQualString("aten::linear");
    static const auto addmm = c10::Symbol::fromQualString("aten::addmm");
    static const auto matmul = c10::Symbol::fromQualString("aten::matmul");
    static const auto mm = c10::Symbol::fromQualString("aten::mm");
    if (node->kind() == linear) {
        const auto weight = constant_matrix(node->input(1));
        const auto bias = torch::jit::toIValue(node->input(2));
        if (!weight || !bias) {
            return std::nullopt;
        }
        const auto row = constant_row(node->input(2), weight->size(0), weight->scalar_type());
        return bias->isNone() || row ? std::optional<Layer>({node->input(0), *weight, row}) : std::nullopt;
    }
    if (node->kind() == addmm) {
        const auto weight = constant_matrix(node->input(2));
        const auto row = weight ? constant_row(node->input(0), weight->size(1), weight->scalar_type()) : std::nullopt;
        const bool is_layer = row && is_one(node->input(3)) && is_one(node->input(4));
        return is_layer ? std::optional<Layer>({node->input(1), weight->t(), row}) : std::nullopt;
    }
    if (node->kind() == matmul || node->kind() == mm) {
        const auto weight = constant_matrix(node->input(1));
        return weight ? std::optional<Layer>({node->input(0), weight->t(), std::nullopt}) : std::nullopt;
    }
    return std::nullopt;
}

// With the additions and the activation that follow it, if they may.
void replace(torch::jit::Node* node, Layer layer, bool may_add) {
    auto* last = node;
    torch::jit::Value* added = nullptr;
    while (may_add && added == nullptr) {
        auto* next = only_user(last);
        auto* other = addend(next, last->output());
        if (other == nullptr) {
            break;
        }
        const auto row = layer.bias ? std::nullopt : constant_row(other, layer.weight.size(0), layer.weight.scalar_type());
        if (row) {
            layer.bias = row;
        } else {
            added = other;
        }
        last = next;
    }
    const bool may_norm = added == nullptr && layer.weight.scalar_type() == at::kFloat;
    const auto norm = may_norm ? norm_in(only_user(last), layer.weight.size(0)) : std::nullopt;
    last = norm ? only_user(last) : last;
    auto* next = only_user(last);
    const auto activation = activation_of(next);
    // Where the last of them is, all that they need has been computed.
    auto* made = insert_before(last, nodes::kLinear, {layer.input});
    if (added != nullptr) {
        made->addInput(added);
    }
    last = activation != Activation::kNone ? next : last;
    made->t_(nodes::kWeight, layer.weight);
    if (layer.bias) {
        made->t_(nodes::kBias, *layer.bias);
    }
    if (norm) {
        made->t_(nodes::kNormScale, norm->first);
        made->t_(nodes::kNormShift, norm->second);
    }
    made->i_(nodes::kActivation, static_cast<int64_t>(activation));
    last->output()->replaceAllUsesWith(made->output());
}

}  // namespace

int64_t replace_linear(torch::jit::Graph& graph) {
    const bool may_add = !any_node(graph.block(), writes_in_place);
    int64_t replaced = 0;
    for_each_node(graph.block(), [&](torch::jit::Node* node) {
        if (const auto layer = layer_in(node)) {
            replace(node, *layer, may_add);
            replaced++;
        }
    });
    torch::jit::EliminateDeadCode(graph.block());
    return replaced;
}

}  // namespace cresset
