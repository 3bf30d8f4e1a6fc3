#include "operators/volume_convolution.h"

#include <ATen/ops/add.h>
#include <ATen/ops/conv3d.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "operators/activations.h"
#include "operators/biases.h"
#include "operators/depthwise.h"
#include "operators/parallel.h"
#include "operators/tensors.h"
#include "operators/implicit_gemm.h"

namespace cresset::convolution {

namespace {

// What frames that are put together as channels may take at once.
constexpr int64_t kMaxFloats = 2 * 1024 * 1024;

constexpr auto kChannelsLast = at::MemoryFormat::ChannelsLast3d;

bool is_volume(const at::Tensor& x) { return x.dim() == 5 && x.scalar_type() == at::kFloat && is_materialized(x) && x.numel() > 0; }

at::Tensor as_frames(const at::Tensor& x) { return x.transpose(1, 2).flatten(0, 1); }
at::Tensor of_frames(const at::Tensor& frames, int64_t volumes) { return frames.unflatten(0, {volumes, -1}).transpose(1, 2); }
at::Tensor as_columns(const at::Tensor& x) { return x.flatten(3, 4); }

// The frames that a window of the output's frame meets, by number; -1 for those of zeros around the volume.
std::vector<int64_t> frames_of(int64_t frame, int64_t depth, const VolumeWeights& weights) {
    const auto& g = weights.geometry();
    std::vector<int64_t> all;
    for (int64_t i = 0; i < weights.plain().size(2); i++) {
        const int64_t z = frame * g.stride[0] - g.padding[0] + i * g.dilation[0];
        all.push_back(z >= 0 && z < depth ? z : -1);
    }
    return all;
}

// For frames of the output from `first` on, counted volume by volume: pixels with the channels of all frames that they are of.
void gather_pixels(const at::Tensor& x, const VolumeWeights& weights, int64_t out_depth, int64_t first, const at::Tensor& to) {
    const int64_t channels = x.size(1), depth = x.size(2), width = x.size(4), together = weights.plain().size(2);
    const int64_t row = width * channels, height = x.size(3);
    at::parallel_for(0, to.size(0) * height, grain_size(row * together), [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; i++) {
            const int64_t frame = first + i / height, y = i % height;
            float* out = to.mutable_data_ptr<float>() + i * row * together;
            for (const int64_t z : frames_of(frame % out_depth, depth, weights)) {
                const float* from = float_data(x) + ((frame / out_depth * depth + z) * height + y) * row;
                for (int64_t pixel = 0; pixel < width; pixel++) {
                    float* at = out + pixel * channels * together;
                    z < 0 ? std::fill_n(at, channels, 0.f) : std::copy_n(from + pixel * channels, channels, at);
                }
                out += channels;
            }
        }
    });
}

// The same as planes, of volumes that are made of them.
void gather_planes(const at::Tensor& x, const VolumeWeights& weights, int64_t out_depth, int64_t first, const at::Tensor& to) {
    const int64_t channels = x.size(1), depth = x.size(2), plane = x.size(3) * x.size(4);
    float* out = to.mutable_data_ptr<float>();
    for (int64_t frame = first; frame < first + to.size(0); frame++) {
        for (const int64_t z : frames_of(frame % out_depth, depth, weights)) {
            const float* from = float_data(x) + (frame / out_depth * channels * depth + z) * plane;
            for (int64_t c = 0; c < channels; c++, out += plane) {
                z < 0 ? std::fill_n(out, plane, 0.f) : std::copy_n(from + c * depth * plane, plane, out);
            }
        }
    }
}

}  // namespace

VolumeConvolution::VolumeConvolution(std::shared_ptr<VolumeWeights> weights, std::optional<at::Tensor> bias, Activation activation)
    : weights_(std::move(weights)),
      bias_(std::move(bias)),
      padded_bias_(padded_bias(bias_, weights_->plain().size(0))),
      activation_(activation) {
    if (weights_->is_of_images()) {
        images_.emplace(weights_->of_images(), bias_, activation_);
    }
}

at::Tensor VolumeConvolution::operator()(const at::Tensor& input, at::Tensor added) const {
    const auto& plain = weights_->plain();
    const auto& g = weights_->geometry();
    if (!is_volume(input) || input.size(1) != plain.size(1) * g.groups) {
        return by_dispatch(input, added);  // which also says what is wrong with it
    }
    std::array<int64_t, 5> sizes{input.size(0), plain.size(0)};
    for (int axis = 0; axis < 3; axis++) {
        sizes[2 + axis] = out_size(input.size(2 + axis), plain.size(2 + axis), g, axis);
    }
    const bool fits = !added.defined() || (is_volume(added) && added.sizes() == at::IntArrayRef(sizes));
    if (!fits || *std::min_element(sizes.begin(), sizes.end()) <= 0) {
        return by_dispatch(input, added);
    }
    const auto seen_as = weights_->seen_as(input);
    return images_ ? by_images(input, std::move(added), seen_as) : by_kernels(input, sizes, std::move(added), seen_as);
}

at::Tensor VolumeConvolution::by_images(const at::Tensor& input, at::Tensor added, Volumes seen_as) const {
    const bool are_frames = seen_as == Volumes::kFrames;
    const auto seen = [&](const at::Tensor& x) { return are_frames ? as_frames(x) : as_columns(x); };
    if (added.defined()) {
        added = seen(added);
    }
    if (are_frames) {
        const int64_t step = weights_->geometry().stride[0];
        const auto x = step == 1 ? input : input.slice(2, 0, std::nullopt, step);
        return of_frames((*images_)(seen(x), std::move(added)), input.size(0));
    }
    return (*images_)(seen(input), std::move(added)).unflatten(3, {input.size(3), input.size(4)});
}

at::Tensor VolumeConvolution::by_kernels(const at::Tensor& input, at::IntArrayRef sizes, at::Tensor added, Volumes seen_as) const {
    const bool may_write = added.defined() && is_exclusive(added) && added.is_contiguous(kChannelsLast);
    added = added.defined() ? added.contiguous(kChannelsLast) : added;
    const at::Tensor out = may_write ? added : at::detail::empty_cpu(sizes, at::kFloat, false, kChannelsLast);
    const auto& g = weights_->geometry();
    switch (seen_as) {
        case Volumes::kChannels:
            by_channels(input, added, out);
            break;
        case Volumes::kDepthwise:
            depthwise::convolve_volumes(input.contiguous(kChannelsLast), weights_->packed(), g, padded_bias_, added, activation_, out);
            break;
        default:
            implicit_gemm::convolve(input.contiguous(kChannelsLast), weights_->plain(), weights_->packed(), g, padded_bias_, added, activation_, out);
    }
    return out;
}

void VolumeConvolution::by_channels(const at::Tensor& input, const at::Tensor& added, const at::Tensor& out) const {
    auto& weights = *weights_->of_images();
    const int64_t channels = weights.plain().size(1), height = input.size(3), width = input.size(4), out_depth = out.size(2);
    const int64_t frames = out.size(0) * out_depth, all = frames * channels * height * width;
    const int64_t parts = (all + kMaxFloats - 1) / kMaxFloats, at_once = (frames + parts - 1) / parts;
    const auto& packed = weights.packed({frames, channels, height, width});
    const bool are_planes = packed.algorithm == Algorithm::kStem;
    const auto x = are_planes ? input.contiguous() : input.contiguous(kChannelsLast);
    const auto fused = fused_by(packed.algorithm, activation_);
    const auto out_frames = as_frames(out), added_frames = added.defined() ? as_frames(added) : added;
    const auto format = are_planes ? at::MemoryFormat::Contiguous : at::MemoryFormat::ChannelsLast;
    for (int64_t first = 0; first < frames; first += at_once) {
        const int64_t count = std::min(at_once, frames - first);
        const at::Tensor images = at::detail::empty_cpu({count, channels, height, width}, at::kFloat, false, format);
        (are_planes ? gather_planes : gather_pixels)(x, *weights_, out_depth, first, images);
        convolution::by_kernels(weights, packed, images, padded_bias_, added.defined() ? added_frames.narrow(0, first, count) : added,
                                fused, out_frames.narrow(0, first, count));
    }
    if (fused != activation_) {
        activated(out, activation_);
    }
}

at::Tensor VolumeConvolution::by_dispatch(const at::Tensor& x, const at::Tensor& added) const {
    const auto& g = weights_->geometry();
    const auto out = at::conv3d(x, weights_->plain(), bias_, g.stride, g.padding, g.dilation, g.groups);
    return activated(added.defined() ? at::add(out, added) : out, activation_);
}

}  // namespace cresset::convolution
