#include "operators/image_convolution.h"

#include <ATen/ops/add.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/empty.h>

#include <string_view>
#include <utility>

#include "operators/activations.h"
#include "operators/biases.h"
#include "operators/depthwise.h"
#include "operators/geometry.h"
#include "operators/pointwise.h"
#include "operators/stem.h"
#include "operators/tensors.h"
#include "operators/implicit_gemm.h"
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

namespace cresset::convolution {

namespace {

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

}  // namespace

bool can_link() {
    return at::native::mkldnn_convolution_pointwise != nullptr && at::native::mkldnn_convolution_pointwise_binary_ != nullptr;
}

Activation fused_by(Algorithm algorithm, Activation activation) {
    const bool is_winograd = algorithm == Algorithm::kWinograd2 || algorithm == Algorithm::kWinograd4;
    return !is_winograd || activation == Activation::kRelu ? activation : Activation::kNone;
}

void by_kernels(Weights& weights, const PackedWeights& packed, const at::Tensor& x, const at::Tensor& bias, const at::Tensor& added,
                Activation activation, const at::Tensor& out) {
    switch (packed.algorithm) {
        case Algorithm::kPointwise:
            return pointwise::convolve(x, packed.weights, weights.geometry(), bias, added, activation, out);
        case Algorithm::kDepthwise:
            return depthwise::convolve(x, packed.weights, weights.geometry(), bias, added, activation, out);
        case Algorithm::kStem:
            return stem::convolve(x, packed.weights, weights.reference(), weights.geometry(), bias, added, activation,
                                  out);
        case Algorithm::kImplicitGemm:
            return implicit_gemm::convolve(x, weights.plain(), packed.weights, weights.geometry(), bias, added, activation, out);
        default:
            return winograd::convolve(weights.sizes_of(x.sizes()), packed.algorithm == Algorithm::kWinograd2 ? 2 : 4,
                                      x.const_data_ptr(), packed.weights, weights.reference(),
                                      bias.const_data_ptr<float>(),
                                      added.defined() ? added.const_data_ptr() : nullptr,
                                      activation == Activation::kRelu, out.mutable_data_ptr());
    }
}

ImageConvolution::ImageConvolution(std::shared_ptr<Weights> weights, std::optional<at::Tensor> bias, Activation activation)
    : weights_(std::move(weights)),
      bias_(std::move(bias)),
      padded_bias_(padded_bias(bias_, weights_->plain().size(0))),
      activation_(activation) {}

std::array<int64_t, 4> ImageConvolution::sizes_of(const at::Tensor& input) const {
    const auto& plain = weights_->plain();
    const auto& g = weights_->geometry();
    return {input.size(0), plain.size(0), out_size(input.size(2), plain.size(2), g, 0), out_size(input.size(3), plain.size(3), g, 1)};
}

bool ImageConvolution::fits(const at::Tensor& input) const {
    const auto& plain = weights_->plain();
    if (!is_image_of(input, plain.scalar_type()) || input.size(1) != plain.size(1) * weights_->geometry().groups) {
        return false;
    }
    const auto sizes = sizes_of(input);
    return sizes[2] > 0 && sizes[3] > 0;
}

at::Tensor ImageConvolution::operator()(const at::Tensor& input, at::Tensor added) const {
    if (!fits(input)) {
        return by_dispatch(input, added);  // which also says what is wrong with it
    }
    const auto sizes = sizes_of(input);
    if (added.defined() && !(is_image_of(added, weights_->plain().scalar_type()) && added.sizes() == at::IntArrayRef(sizes))) {
        // One number for each channel, as a rule: steps of diffusion come in so.
        return activated(at::add(sums(input, sizes, at::Tensor(), Activation::kNone), added), activation_);
    }
    return sums(input, sizes, std::move(added), activation_);
}

// What is added is an image of the same sizes, or undefined.
at::Tensor ImageConvolution::sums(const at::Tensor& input, const std::array<int64_t, 4>& sizes, at::Tensor added, Activation activation) const {
    const bool adds = added.defined();
    if (adds && !(is_exclusive(added) && has_channels_last(added))) {
        added = added.clone(at::MemoryFormat::ChannelsLast);
    }
    const auto& packed = weights_->packed(input);
    const at::Tensor x = packed.algorithm == Algorithm::kStem ? input.contiguous() : to_channels_last(input);
    if (packed.algorithm == Algorithm::kOneDnn) {
        return activated(by_onednn(x, packed.weights, added), activation);
    }
    const at::Tensor out = adds ? added : at::detail::empty_cpu(sizes, x.scalar_type(), false, at::MemoryFormat::ChannelsLast);
    const auto fused = fused_by(packed.algorithm, activation);
    by_kernels(*weights_, packed, x, padded_bias_, added, fused, out);
    return fused == activation ? out : activated(out, activation);
}

at::Tensor ImageConvolution::by_onednn(const at::Tensor& x, const at::Tensor& packed, at::Tensor& added) const {
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

at::Tensor ImageConvolution::by_dispatch(const at::Tensor& x, const at::Tensor& added) const {
    const auto& g = weights_->geometry();
    const auto from = g.is_symmetric() ? x : at::constant_pad_nd(x, {g.padding[1], g.padding_after[1], g.padding[0], g.padding_after[0]});
    const auto padding = g.is_symmetric() ? g.padding : std::vector<int64_t>{0, 0};
    const auto out = at::conv2d(from, weights_->plain(), bias_, g.stride, padding, g.dilation, g.groups);
    return activated(added.defined() ? at::add(out, added) : out, activation_);
}

}  // namespace cresset::convolution
