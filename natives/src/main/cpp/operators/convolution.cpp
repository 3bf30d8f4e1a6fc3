#include "operators/convolution.h"

#include <ATen/core/List.h>
#include <ATen/ops/add.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/conv1d.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>
#include <torch/csrc/jit/ir/ir.h>
#include <torch/csrc/jit/runtime/custom_operator.h>

#include <array>
#include <memory>
#include <optional>
#include <string_view>

#include "kernels/kernels.h"
#include "operators/activations.h"
#include "operators/convolution_weights.h"
#include "operators/depthwise.h"
#include "operators/geometry.h"
#include "operators/nodes.h"
#include "operators/pointwise.h"
#include "operators/stem.h"
#include "operators/tensors.h"
#include "operators/windows.h"
#include "operators/winograd.h"

// oneDNN's convolutions of weights that are packed for it, with what follows. Declared here, for the headers may be another
// platform's; weak, for a LibTorch without oneDNN has none.
namespace at::native {
Tensor mkldnn_convolution_pointwise(const Tensor&, const Tensor&, const std::optional<Tensor>&, IntArrayRef, IntArrayRef,
                                    IntArrayRef, int64_t, std::string_view, c10::List<std::optional<Scalar>>,
                                    std::optional<std::string_view>) __attribute__((weak));
Tensor& mkldnn_convolution_pointwise_binary_(Tensor&, const Tensor&, const Tensor&, const std::optional<Tensor>&, IntArrayRef,
                                             IntArrayRef, IntArrayRef, int64_t, std::string_view, std::optional<Scalar>,
                                             std::optional<std::string_view>, c10::List<std::optional<Scalar>>,
                                             std::optional<std::string_view>) __attribute__((weak));
}  // namespace at::native

namespace cresset {

using namespace convolution;

namespace {

// What a bias is padded to a multiple of, so that kernels read whole vectors.
constexpr int64_t kBiasMultiple = 64;

bool is_image_of(const at::Tensor& x, at::ScalarType type) { return x.scalar_type() == type && is_image(x); }

// LibTorch's own takes a twentieth of a MobileNet for this.
at::Tensor to_channels_last(const at::Tensor& x) {
    const bool are_planes = kernels() != nullptr && x.size(1) == 3 && x.scalar_type() == at::kFloat && x.is_contiguous();
    if (!are_planes) {
        return x.contiguous(at::MemoryFormat::ChannelsLast);
    }
    const at::Tensor out = at::detail::empty_cpu(x.sizes(), at::kFloat, false, at::MemoryFormat::ChannelsLast);
    const int64_t pixels = x.size(2) * x.size(3);
    for (int64_t image = 0; image < x.size(0); image++) {
        const int64_t start = image * 3 * pixels;
        kernels()->interleave(x.const_data_ptr<float>() + start, pixels, out.mutable_data_ptr<float>() + start);
    }
    return out;
}

class Convolution {
 public:
    Convolution(std::shared_ptr<Weights> weights, std::optional<at::Tensor> bias, Activation activation, bool is_of_rows)
        : weights_(std::move(weights)), bias_(std::move(bias)), activation_(activation), is_of_rows_(is_of_rows) {
        const int64_t outputs = weights_->plain().size(0);
        padded_bias_ = at::zeros({(outputs + kBiasMultiple - 1) / kBiasMultiple * kBiasMultiple}, at::kFloat);
        if (bias_) {
            padded_bias_.narrow(0, 0, outputs).copy_(*bias_);
        }
    }

    // The sum of the convolution and `added`, which is written over if it is nobody else's; undefined, if there is nothing to
    // add.
    at::Tensor operator()(const at::Tensor& input, at::Tensor added) const {
        if (!is_of_rows_) {
            return of_images(input, std::move(added));
        }
        if (input.dim() != 3 || (added.defined() && added.dim() != 3)) {
            return by_dispatch(input, added);
        }
        // Rows are images one pixel high.
        const auto x = input.unsqueeze(2);
        if (added.defined()) {
            added = added.unsqueeze(2);
        }
        return of_images(x, std::move(added)).squeeze(2);
    }

 private:
    at::Tensor of_images(const at::Tensor& input, at::Tensor added) const {
        const auto& plain = weights_->plain();
        const auto& g = weights_->geometry();
        if (!is_image_of(input, plain.scalar_type()) || input.size(1) != plain.size(1) * g.groups) {
            return images_by_dispatch(input, added);  // which also says what is wrong with it
        }
        const std::array<int64_t, 4> sizes{input.size(0), plain.size(0), out_size(input.size(2), plain.size(2), g, 0),
                                           out_size(input.size(3), plain.size(3), g, 1)};
        if (sizes[2] <= 0 || sizes[3] <= 0) {
            return images_by_dispatch(input, added);
        }
        if (added.defined() && !(is_image_of(added, plain.scalar_type()) && added.sizes() == at::IntArrayRef(sizes))) {
            // One number for each channel, as a rule: steps of diffusion come in so.
            return activated(at::add(sums(input, sizes, at::Tensor(), Activation::kNone), added), activation_);
        }
        return sums(input, sizes, std::move(added), activation_);
    }

    // What is added is an image of the same sizes, or undefined.
    at::Tensor sums(const at::Tensor& input, const std::array<int64_t, 4>& sizes, at::Tensor added, Activation activation) const {
        const bool adds = added.defined();
        if (adds && !(is_exclusive(added) && has_channels_last(added))) {
            added = added.clone(at::MemoryFormat::ChannelsLast);
        }
        const auto& packed = weights_->packed(input);
        const at::Tensor x = packed.algorithm == Algorithm::kStem ? input.contiguous() : to_channels_last(input);
        if (packed.algorithm == Algorithm::kOneDnn) {
            return activated(by_onednn(x, packed.weights, added), activation);
        }
        const at::Tensor out =
            adds ? added : at::detail::empty_cpu(sizes, x.scalar_type(), false, at::MemoryFormat::ChannelsLast);
        const auto fused = fused_by(packed.algorithm, activation);
        by_kernels(packed, x, added, fused, out);
        return fused == activation ? out : activated(out, activation);
    }

    // The activation, if the kernels compute it, or none.
    static Activation fused_by(Algorithm algorithm, Activation activation) {
        const bool is_winograd = algorithm == Algorithm::kWinograd2 || algorithm == Algorithm::kWinograd4;
        return !is_winograd || activation == Activation::kRelu ? activation : Activation::kNone;
    }

    void by_kernels(const PackedWeights& packed, const at::Tensor& x, const at::Tensor& added, Activation activation,
                    const at::Tensor& out) const {
        switch (packed.algorithm) {
            case Algorithm::kPointwise:
                return pointwise::convolve(x, packed.weights, weights_->geometry(), padded_bias_, added, activation, out);
            case Algorithm::kDepthwise:
                return depthwise::convolve(x, packed.weights, weights_->geometry(), padded_bias_, added, activation, out);
            case Algorithm::kStem:
                return stem::convolve(x, packed.weights, weights_->reference(), weights_->geometry(), padded_bias_, added, activation,
                                      out);
            case Algorithm::kWindows:
                return windows::convolve(x, weights_->plain(), packed.weights, weights_->geometry(), padded_bias_, added, activation,
                                         out);
            default:
                return winograd::convolve(weights_->sizes_of(x), packed.algorithm == Algorithm::kWinograd2 ? 2 : 4,
                                          x.const_data_ptr(), packed.weights, weights_->reference(),
                                          padded_bias_.const_data_ptr<float>(),
                                          added.defined() ? added.const_data_ptr() : nullptr,
                                          activation == Activation::kRelu, out.mutable_data_ptr());
        }
    }

    at::Tensor by_onednn(const at::Tensor& x, const at::Tensor& packed, at::Tensor& added) const {
        const auto& g = weights_->geometry();
        if (!added.defined()) {
            return at::native::mkldnn_convolution_pointwise(x, packed, bias_, g.padding, g.stride, g.dilation, g.groups, "none",
                                                            no_scalars_, std::nullopt);
        }
        // In place, for LibTorch's other way lays the addend out anew each time.
        at::native::mkldnn_convolution_pointwise_binary_(added, x, packed, bias_, g.padding, g.stride, g.dilation, g.groups, "add",
                                                         1, std::nullopt, no_scalars_, std::nullopt);
        return added;
    }

    at::Tensor by_dispatch(const at::Tensor& x, const at::Tensor& added) const {
        const auto& g = weights_->geometry();
        const auto from = g.is_symmetric() ? x : at::constant_pad_nd(x, paddings(g));
        const auto padding = g.is_symmetric() ? g.padding : std::vector<int64_t>{0, 0};
        auto out = is_of_rows_
                       ? at::conv1d(from, weights_->plain().squeeze(2), bias_, g.stride[1], padding[1], g.dilation[1], g.groups)
                       : at::conv2d(from, weights_->plain(), bias_, g.stride, padding, g.dilation, g.groups);
        return activated(added.defined() ? at::add(out, added) : out, activation_);
    }

    // Of rows that have been made images.
    at::Tensor images_by_dispatch(const at::Tensor& x, const at::Tensor& added) const {
        return is_of_rows_ ? by_dispatch(x.squeeze(2), added.defined() ? added.squeeze(2) : added).unsqueeze(2) : by_dispatch(x, added);
    }

    // As constant_pad_nd wants them.
    std::vector<int64_t> paddings(const Geometry& g) const {
        std::vector<int64_t> all{g.padding[1], g.padding_after[1]};
        if (!is_of_rows_) {
            all.insert(all.end(), {g.padding[0], g.padding_after[0]});
        }
        return all;
    }

    std::shared_ptr<Weights> weights_;
    std::optional<at::Tensor> bias_;
    at::Tensor padded_bias_;  // in float32, with zeros behind
    Activation activation_;
    bool is_of_rows_;  // of one dimension
    c10::List<std::optional<at::Scalar>> no_scalars_;
};

// Weights belong to the node and not to the stack, as those of linear layers do.
torch::jit::Operation convolution_of(const torch::jit::Node* node) {
    auto convolution = std::make_shared<Convolution>(
        Weights::of(node->t(nodes::kWeight), {node->is(nodes::kStride), node->is(nodes::kPadding), node->is(nodes::kDilation),
                                              node->i(nodes::kGroups), node->is(nodes::kPaddingAfter)}),
        node->hasAttribute(nodes::kBias) ? std::optional<at::Tensor>(node->t(nodes::kBias)) : std::nullopt,
        static_cast<Activation>(node->i(nodes::kActivation)), node->i(nodes::kDimensions) == 1);
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

}  // namespace

bool can_link_convolution() {
    return at::native::mkldnn_convolution_pointwise != nullptr && at::native::mkldnn_convolution_pointwise_binary_ != nullptr;
}

void register_convolution() {
    static torch::jit::RegisterOperators registered({torch::jit::Operator(
        nodes::kConvolution, torch::jit::OperationCreator(convolution_of), c10::AliasAnalysisKind::PURE_FUNCTION)});
}

}  // namespace cresset
