#include "passes/convolution.h"

#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/passes/dead_code_elimination.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "graph/constants.h"
#include "graph/insert.h"
#include "graph/walk.h"
#include "operators/depthwise.h"
#include "operators/geometry.h"
#include "operators/nodes.h"
#include "operators/tensors.h"
#include "operators/volume_weights.h"
#include "operators/implicit_gemm.h"
#include "passes/followers.h"

namespace cresset {

namespace {

struct Found {
    at::Tensor weight;
    std::optional<at::Tensor> bias;
    convolution::Geometry geometry;
    int64_t dimensions;
};

// Of one dimension, an image's rows: of its columns there is one.
std::optional<std::vector<int64_t>> of_rows(const std::optional<std::vector<int64_t>>& pair, int64_t of_columns) {
    return pair ? std::optional(std::vector{of_columns, pair->back()}) : std::nullopt;
}

bool can_pad(const at::Tensor& weight, const convolution::Geometry& geometry) {
    return geometry.is_symmetric() || depthwise::supports(weight, geometry) || implicit_gemm::supports(weight, geometry);
}

// What a convolution puts around images or rows: before and after them, by axis.
struct Padding {
    std::vector<int64_t> before, after;
};

std::optional<Padding> padding_in(torch::jit::Value* value, const at::Tensor& weight, const std::vector<int64_t>& stride,
                                  const std::vector<int64_t>& dilation) {
    const size_t axes = stride.size();
    const auto word = torch::jit::toIValue(value);
    if (!word || !word->isString()) {
        const auto numbers = constant_by_axis(value, axes, 0);
        return numbers ? std::optional(Padding{*numbers, *numbers}) : std::nullopt;
    }
    Padding found{std::vector<int64_t>(axes, 0), std::vector<int64_t>(axes, 0)};
    if (word->toStringRef() == "valid") {
        return found;
    }
    if (word->toStringRef() != "same" || std::any_of(stride.begin(), stride.end(), [](int64_t step) { return step != 1; })) {
        return std::nullopt;
    }
    const int64_t kernels = weight.dim() - 2;
    for (int64_t i = 0; i < kernels; i++) {
        // As LibTorch has it: one more after than before, if it must be.
        const size_t axis = axes - kernels + i;
        const int64_t all = dilation[axis] * (weight.size(2 + i) - 1);
        found.before[axis] = all / 2;
        found.after[axis] = all - all / 2;
    }
    return found;
}

std::optional<Found> found_in(torch::jit::Node* node) {
    static const auto conv1d = c10::Symbol::fromQualString("aten::conv1d");
    static const auto conv2d = c10::Symbol::fromQualString("aten::conv2d");
    static const auto conv3d = c10::Symbol::fromQualString("aten::conv3d");
    static const auto convolution = c10::Symbol::fromQualString("aten::_convolution");
    static const auto by_mode = c10::Symbol::fromQualString("aten::_convolution_mode");
    const bool general = node->kind() == convolution;
    if (!general && node->kind() != by_mode && node->kind() != conv2d && node->kind() != conv1d && node->kind() != conv3d) {
        return std::nullopt;
    }
    // What LibTorch would refuse is left to it.
    auto weight = constant_tensor(node->input(1));
    auto bias = torch::jit::toIValue(node->input(2));
    if (!weight || weight->dim() < 3 || weight->dim() > 5 || weight->numel() == 0 || !is_materialized(*weight)) {
        return std::nullopt;
    }
    const int64_t dimensions = weight->dim() - 2;
    const size_t axes = std::max<int64_t>(dimensions, 2);
    auto stride = constant_by_axis(node->input(3), axes, 1);
    auto dilation = constant_by_axis(node->input(5), axes, 1);
    auto groups = torch::jit::toIValue(node->input(general ? 8 : 6));
    auto padding = stride && dilation ? padding_in(node->input(4), *weight, *stride, *dilation) : std::nullopt;
    if (!bias || !padding || !groups) {
        return std::nullopt;
    }
    if (general) {
        auto transposed = torch::jit::toIValue(node->input(6));
        if (!transposed || transposed->toBool()) {
            return std::nullopt;
        }
    }
    const bool known_type = weight->scalar_type() == at::kFloat || weight->scalar_type() == at::kBFloat16;
    if (!known_type) {
        return std::nullopt;
    }
    if (dimensions == 1) {
        weight = weight->unsqueeze(2);
        stride = of_rows(stride, 1);
        padding = Padding{*of_rows(padding->before, 0), *of_rows(padding->after, 0)};
        dilation = of_rows(dilation, 1);
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
    const Found found{*weight, added, {*stride, padding->before, *dilation, parts, padding->after}, dimensions};
    const bool is_ours = dimensions == 3 ? found.geometry.is_symmetric() && convolution::VolumeWeights::supports(found.weight, found.geometry)
                                         : can_pad(found.weight, found.geometry);
    return is_ours ? std::optional(found) : std::nullopt;
}

// The zeros that a node puts around images or rows: before and after them, by axis.
struct Zeros {
    std::vector<int64_t> before{0, 0}, after{0, 0};
};

std::optional<Zeros> zeros_of(const torch::jit::Node* node, int64_t dimensions) {
    static const auto pad = c10::Symbol::fromQualString("aten::pad");
    static const auto constant_pad = c10::Symbol::fromQualString("aten::constant_pad_nd");
    if (node->kind() != pad && node->kind() != constant_pad) {
        return std::nullopt;
    }
    if (node->kind() == pad) {
        const auto mode = torch::jit::toIValue(node->input(2));
        if (!mode || !mode->isString() || mode->toStringRef() != "constant") {
            return std::nullopt;
        }
    }
    const auto sizes = constant_integers(node->input(1));
    const auto value = torch::jit::toIValue(node->input(node->kind() == pad ? 3 : 2));
    const bool are_zeros = value && (value->isNone() || (value->isScalar() && value->toScalar().toDouble() == 0));
    if (!sizes || !are_zeros || sizes->size() % 2 != 0 || static_cast<int64_t>(sizes->size()) > 2 * dimensions ||
        std::any_of(sizes->begin(), sizes->end(), [](int64_t size) { return size < 0; })) {
        return std::nullopt;
    }
    Zeros found;
    for (size_t i = 0; i < sizes->size(); i += 2) {
        const size_t axis = 1 - i / 2;
        found.before[axis] = (*sizes)[i];
        found.after[axis] = (*sizes)[i + 1];
    }
    return found;
}

// Has the convolution put the zeros around that a node before it puts there, if it can.
torch::jit::Value* without_zeros(torch::jit::Value* input, Found& found) {
    const auto zeros = found.dimensions == 3 ? std::nullopt : zeros_of(input->node(), found.dimensions);
    if (!zeros) {
        return input;
    }
    auto geometry = found.geometry;
    for (size_t axis = 0; axis < 2; axis++) {
        geometry.padding[axis] += zeros->before[axis];
        geometry.padding_after[axis] += zeros->after[axis];
    }
    if (!can_pad(found.weight, geometry)) {
        return input;
    }
    found.geometry = geometry;
    return input->node()->input(0);
}

// What cuts the end of rows off that zeros after them have made longer: a causal convolution is often written so.
torch::jit::Node* without_end(torch::jit::Node* node, torch::jit::Node* next, Found& found) {
    static const auto slice = c10::Symbol::fromQualString("aten::slice");
    if (next == nullptr || next->kind() != slice || found.dimensions != 1 || next->input(0) != node->output()) {
        return node;
    }
    const auto dim = torch::jit::toIValue(next->input(1)), start = torch::jit::toIValue(next->input(2));
    const auto end = torch::jit::toIValue(next->input(3)), step = torch::jit::toIValue(next->input(4));
    const bool from_start = start && (start->isNone() || (start->isInt() && start->toInt() == 0));
    if (!dim || !dim->isInt() || dim->toInt() != 2 || !from_start || !end || !end->isInt() || end->toInt() >= 0 || !step ||
        !step->isInt() || step->toInt() != 1) {
        return node;
    }
    auto geometry = found.geometry;
    geometry.padding_after[1] += end->toInt();
    const int64_t reach = geometry.dilation[1] * (found.weight.size(3) - 1);
    // However short the rows are, something is left of them.
    const bool is_causal = geometry.padding[1] >= reach && geometry.padding_after[1] >= 0 && geometry.stride[1] == 1;
    if (!is_causal || !(depthwise::supports(found.weight, geometry) || implicit_gemm::supports(found.weight, geometry))) {
        return node;
    }
    found.geometry = geometry;
    return next;
}

// With the activation that follows it and, if it may, the addition between.
void replace(torch::jit::Node* node, Found found, bool may_add) {
    auto* input = may_add ? without_zeros(node->input(0), found) : node->input(0);
    auto* last = may_add ? without_end(node, only_user(node), found) : node;
    auto* next = only_user(last);
    auto* added = may_add ? addend(next, last->output()) : nullptr;
    last = added != nullptr ? next : last;
    next = only_user(last);
    const auto activation = activation_of(next);
    // Where the last of them is, all that they need has been computed.
    auto* made = insert_before(last, nodes::kConvolution, {input});
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
    made->is_(nodes::kPaddingAfter, found.geometry.padding_after);
    made->is_(nodes::kDilation, found.geometry.dilation);
    made->i_(nodes::kGroups, found.geometry.groups);
    made->i_(nodes::kDimensions, found.dimensions);
    made->i_(nodes::kActivation, static_cast<int64_t>(activation));
    last->output()->replaceAllUsesWith(made->output());
}

}  // namespace

int64_t replace_convolutions(std::shared_ptr<torch::jit::Graph>& graph) {
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
