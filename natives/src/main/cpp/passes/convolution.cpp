#include "passes/convolution.h"

#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/passes/dead_code_elimination.h>
#include <torch/csrc/jit/passes/remove_mutation.h>

#include <optional>

#include "graph/constants.h"
#include "graph/insert.h"
#include "graph/walk.h"
#include "operators/geometry.h"
#include "operators/nodes.h"
#include "operators/tensors.h"
#include "passes/followers.h"

namespace cresset {

namespace {

struct Found {
    at::Tensor weight;
    std::optional<at::Tensor> bias;
    convolution::Geometry geometry;
};

std::optional<Found> found_in(torch::jit::Node* node) {
    static const auto conv2d = c10::Symbol::fromQualString("aten::conv2d");
    static const auto convolution = c10::Symbol::fromQualString("aten::_convolution");
    const bool general = node->kind() == convolution;
    if (!general && node->kind() != conv2d) {
        return std::nullopt;
    }
    // What LibTorch would refuse is left to it.
    auto weight = constant_tensor(node->input(1));
    auto bias = torch::jit::toIValue(node->input(2));
    auto stride = constant_pair(node->input(3), 1);
    auto padding = constant_pair(node->input(4), 0);
    auto dilation = constant_pair(node->input(5), 1);
    auto groups = torch::jit::toIValue(node->input(general ? 8 : 6));
    if (!weight || !bias || !stride || !padding || !dilation || !groups) {
        return std::nullopt;
    }
    if (general) {
        auto transposed = torch::jit::toIValue(node->input(6));
        if (!transposed || transposed->toBool()) {
            return std::nullopt;
        }
    }
    const bool known_type = weight->scalar_type() == at::kFloat || weight->scalar_type() == at::kBFloat16;
    if (!known_type || weight->dim() != 4 || weight->numel() == 0 || !is_materialized(*weight)) {
        return std::nullopt;
    }
    std::optional<at::Tensor> added;
    if (!bias->isNone()) {
        if (!bias->isTensor() || bias->toTensor().scalar_type() != weight->scalar_type() ||
            bias->toTensor().sizes() != at::IntArrayRef{weight->size(0)}) {
            return std::nullopt;
        }
        added = bias->toTensor().contiguous();
    }
    const int64_t parts = groups->toInt();
    if (parts < 1 || weight->size(0) % parts != 0) {
        return std::nullopt;
    }
    return Found{*weight, added, {*stride, *padding, *dilation, parts}};
}

// With the activation that follows it and, if it may, the addition between.
void replace(torch::jit::Node* node, const Found& found, bool may_add) {
    auto* next = only_user(node);
    auto* added = may_add ? addend(next, node->output()) : nullptr;
    auto* last = added != nullptr ? next : node;
    next = only_user(last);
    const auto activation = activation_of(next);
    // Where the last of them is, all that they need has been computed.
    auto* made = insert_before(last, nodes::kConvolution, {node->input(0)});
    if (added != nullptr) {
        made->addInput(added);
    }
    last = activation != Activation::kNone ? next : last;
    made->t_(nodes::kWeight, found.weight);
    if (found.bias) {
        made->t_(nodes::kBias, *found.bias);
    }
    made->is_(nodes::kStride, found.geometry.stride);
    made->is_(nodes::kPadding, found.geometry.padding);
    made->is_(nodes::kDilation, found.geometry.dilation);
    made->i_(nodes::kGroups, found.geometry.groups);
    made->i_(nodes::kActivation, static_cast<int64_t>(activation));
    last->output()->replaceAllUsesWith(made->output());
}

}  // namespace

int64_t replace_convolutions(std::shared_ptr<torch::jit::Graph>& graph) {
    torch::jit::RemoveTensorMutation(graph);
    // Where something is still written to in place, what is computed later may not be what it would have been.
    const bool may_add = !any_node(graph->block(), writes_in_place);
    int64_t replaced = 0;
    for_each_node(graph->block(), [&](torch::jit::Node* node) {
        if (const auto found = found_in(node)) {
            replace(node, *found, may_add);
            replaced++;
        }
    });
    torch::jit::EliminateDeadCode(graph->block());
    return replaced;
}

}  // namespace cresset
