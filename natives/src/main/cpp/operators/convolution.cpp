#include "operators/convolution.h"

#include <ATen/ops/add.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/conv1d.h>
#include <torch/csrc/jit/ir/ir.h>
#include <torch/csrc/jit/runtime/custom_operator.h>

#include <memory>
#include <optional>
#include <utility>

#include "operators/activations.h"
#include "operators/image_convolution.h"
#include "operators/nodes.h"
#include "operators/volume_convolution.h"

namespace cresset {

using namespace convolution;

namespace {

// Of one dimension: rows are images one pixel high.
class RowConvolution {
 public:
    RowConvolution(std::shared_ptr<Weights> weights, const std::optional<at::Tensor>& bias, Activation activation)
        : weights_(weights), bias_(bias), activation_(activation), images_(std::move(weights), bias, activation) {}

    at::Tensor operator()(const at::Tensor& input, at::Tensor added) const {
        if (input.dim() != 3 || (added.defined() && added.dim() != 3) || !images_.fits(input.unsqueeze(2))) {
            return by_dispatch(input, added);
        }
        if (added.defined()) {
            added = added.unsqueeze(2);
        }
        return images_(input.unsqueeze(2), std::move(added)).squeeze(2);
    }

 private:
    at::Tensor by_dispatch(const at::Tensor& x, const at::Tensor& added) const {
        const auto& g = weights_->geometry();
        const auto from = g.is_symmetric() ? x : at::constant_pad_nd(x, {g.padding[1], g.padding_after[1]});
        const int64_t padding = g.is_symmetric() ? g.padding[1] : 0;
        const auto out = at::conv1d(from, weights_->plain().squeeze(2), bias_, g.stride[1], padding, g.dilation[1], g.groups);
        return activated(added.defined() ? at::add(out, added) : out, activation_);
    }

    std::shared_ptr<Weights> weights_;
    std::optional<at::Tensor> bias_;
    Activation activation_;
    ImageConvolution images_;
};

// Code that calls a convolution with what is on the stack.
template <typename Convolution>
torch::jit::Operation calling(std::shared_ptr<Convolution> convolution, const torch::jit::Node* node) {
    if (node->inputs().size() == 1) {
        return [convolution](torch::jit::Stack& stack) {
            stack.back() = (*convolution)(stack.back().toTensor(), at::Tensor());
        };
    }
    return [convolution](torch::jit::Stack& stack) {
        auto added = torch::jit::pop(stack).toTensor();
        stack.back() = (*convolution)(stack.back().toTensor(), std::move(added));
    };
}

// Weights belong to the node and not to the stack, as those of linear layers do.
torch::jit::Operation convolution_of(const torch::jit::Node* node) {
    const Geometry geometry{node->is(nodes::kStride), node->is(nodes::kPadding), node->is(nodes::kDilation), node->i(nodes::kGroups),
                            node->is(nodes::kPaddingAfter)};
    const auto weight = node->t(nodes::kWeight);
    const auto bias = node->hasAttribute(nodes::kBias) ? std::optional<at::Tensor>(node->t(nodes::kBias)) : std::nullopt;
    const auto activation = static_cast<Activation>(node->i(nodes::kActivation));
    switch (node->i(nodes::kDimensions)) {
        case 1:
            return calling(std::make_shared<RowConvolution>(Weights::of(weight, geometry), bias, activation), node);
        case 3:
            return calling(std::make_shared<VolumeConvolution>(VolumeWeights::of(weight, geometry), bias, activation), node);
        default:
            return calling(std::make_shared<ImageConvolution>(Weights::of(weight, geometry), bias, activation), node);
    }
}

}  // namespace

bool can_link_convolution() { return can_link(); }

void register_convolution() {
    static torch::jit::RegisterOperators registered({torch::jit::Operator(
        nodes::kConvolution, torch::jit::OperationCreator(convolution_of), c10::AliasAnalysisKind::PURE_FUNCTION)});
}

}  // namespace cresset
