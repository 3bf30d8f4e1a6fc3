#include "passes/transposed.h"

#include <ATen/TensorOperators.h>
#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/passes/dead_code_elimination.h>

#include <optional>
#include <vector>

#include "graph/constants.h"
#include "graph/insert.h"
#include "graph/walk.h"
#include "operators/nodes.h"
#include "operators/tensors.h"
#include "operators/transposed.h"
#include "passes/followers.h"

namespace cresset {

namespace {

struct Found {
    at::Tensor weight;
    std::optional<at::Tensor> bias;
    transposed::Geometry geometry;
    int64_t dimensions;

    int64_t outputs() const { return weight.size(1) * geometry.groups; }
};

// Where LibTorch has what it says: aten::_convolution is the word of traced modules.
struct Inputs {
    torch::jit::Value *output_padding, *groups, *dilation;
};

std::optional<Inputs> inputs_of(torch::jit::Node* node) {
    static const auto conv1d = c10::Symbol::fromQualString("aten::conv_transpose1d");
    static const auto conv2d = c10::Symbol::fromQualString("aten::conv_transpose2d");
    static const auto convolution = c10::Symbol::fromQualString("aten::_convolution");
    if (node->kind() == conv1d || node->kind() == conv2d) {
        return Inputs{node->input(5), node->input(6), node->input(7)};
    }
    if (node->kind() != convolution) {
        return std::nullopt;
    }
    const auto transposed = torch::jit::toIValue(node->input(6));
    return transposed && transposed->toBool() ? std::optional(Inputs{node->input(7), node->input(8), node->input(5)}) : std::nullopt;
}

// Of one dimension, an image's rows: of its columns there is one.
std::optional<std::vector<int64_t>> by_axis(torch::jit::Value* value, int64_t min, int64_t dimensions, int64_t of_columns) {
    auto pair = constant_pair(value, min);
    if (pair && dimensions == 1) {
        pair->front() = of_columns;
    }
    return pair;
}

std::optional<Found> found_in(torch::jit::Node* node) {
    const auto inputs = inputs_of(node);
    if (!inputs) {
        return std::nullopt;
    }
    // What LibTorch would refuse is left to it.
    auto weight = constant_tensor(node->input(1));
    const auto bias = torch::jit::toIValue(node->input(2));
    const auto groups = torch::jit::toIValue(inputs->groups);
    if (!weight || !is_materialized(*weight) || weight->numel() == 0 || weight->dim() < 3 || weight->dim() > 4 || !bias || !groups) {
        return std::nullopt;
    }
    const int64_t dimensions = weight->dim() - 2;
    const auto stride = by_axis(node->input(3), 1, dimensions, 1), padding = by_axis(node->input(4), 0, dimensions, 0);
    const auto output_padding = by_axis(inputs->output_padding, 0, dimensions, 0);
    const auto dilation = by_axis(inputs->dilation, 1, dimensions, 1);
    if (!stride || !padding || !output_padding || !dilation || groups->toInt() < 1) {
        return std::nullopt;
    }
    Found found{dimensions == 1 ? weight->unsqueeze(2) : *weight, std::nullopt, {*stride, *padding, *output_padding, *dilation, groups->toInt()}, dimensions};
    for (int axis = 0; axis < 2; axis++) {
        if ((*output_padding)[axis] >= std::max((*stride)[axis], (*dilation)[axis])) {
            return std::nullopt;
        }
    }
    if (!transposed::supports(found.weight, found.geometry)) {
        return std::nullopt;
    }
    if (!bias->isNone()) {
        found.bias = constant_row(node->input(2), found.outputs());
        if (!found.bias) {
            return std::nullopt;
        }
    }
    return found;
}

// With what a batch norm multiplies each output by, and adds.
void fold(const std::pair<at::Tensor, at::Tensor>& norm, Found& found) {
    const auto& [scale, shift] = norm;
    const auto by_input = found.weight.view({found.geometry.groups, -1, found.weight.size(1), found.weight.size(2), found.weight.size(3)});
    const auto scaled = by_input * scale.view({found.geometry.groups, 1, -1, 1, 1});
    found.bias = found.bias ? *found.bias * scale + shift : shift;
    found.weight = scaled.view(found.weight.sizes());
}

void replace(torch::jit::Node* node, Found found, bool may_fold) {
    auto* last = node;
    const auto norm = may_fold ? norm_in(only_user(last), found.outputs()) : std::nullopt;
    if (norm) {
        Found folded = found;
        fold(*norm, folded);
        if (transposed::supports(folded.weight, folded.geometry)) {
            found = folded;
            last = only_user(last);
        }
    }
    auto* next = only_user(last);
    const auto activation = activation_of(next);
    auto* made = insert_before(last, nodes::kTransposed, {node->input(0)});
    last = activation != Activation::kNone ? next : last;
    made->t_(nodes::kWeight, found.weight);
    if (found.bias) {
        made->t_(nodes::kBias, *found.bias);
    }
    made->is_(nodes::kStride, found.geometry.stride);
    made->is_(nodes::kPadding, found.geometry.padding);
    made->is_(nodes::kOutputPadding, found.geometry.output_padding);
    made->is_(nodes::kDilation, found.geometry.dilation);
    made->i_(nodes::kGroups, found.geometry.groups);
    made->i_(nodes::kDimensions, found.dimensions);
    made->i_(nodes::kActivation, static_cast<int64_t>(activation));
    last->output()->replaceAllUsesWith(made->output());
}

}  // namespace

int64_t replace_transposed_convolutions(torch::jit::Graph& graph) {
    // Where something is still written to in place, what is computed later may not be what it would have been.
    const bool may_fold = !any_node(graph.block(), writes_in_place);
    int64_t replaced = 0;
    for_each_node(graph.block(), [&](torch::jit::Node* node) {
        if (const auto found = found_in(node)) {
            replace(node, *found, may_fold);
            replaced++;
        }
    });
    torch::jit::EliminateDeadCode(graph.block());
    return replaced;
}

}  // namespace cresset
