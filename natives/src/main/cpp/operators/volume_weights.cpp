#include "operators/volume_weights.h"

#include <utility>
#include <vector>

#include "memory/caching_allocator.h"
#include "operators/depthwise.h"
#include "operators/shared_weights.h"
#include "operators/implicit_gemm.h"

namespace cresset::convolution {

namespace {

using Axes = std::vector<int64_t>;

bool is_depthwise(const at::Tensor& plain, const Geometry& g) { return depthwise::supports(plain.select(2, 0), g); }

// The geometry in a frame.
Geometry in_frames(const Geometry& g) {
    const auto last = [](const Axes& axes) { return Axes{axes[1], axes[2]}; };
    return {last(g.stride), last(g.padding), last(g.dilation), g.groups, last(g.padding_after)};
}

bool lies_in_frames(const at::Tensor& plain, const Geometry& g) { return plain.size(2) == 1 && g.padding[0] == 0 && g.padding_after[0] == 0; }

bool lies_in_columns(const at::Tensor& plain, const Geometry& g) {
    const auto is_plain = [&](int axis) {
        return plain.size(2 + axis) == 1 && g.stride[axis] == 1 && g.padding[axis] == 0 && g.padding_after[axis] == 0;
    };
    return is_plain(1) && is_plain(2);
}

}  // namespace

bool VolumeWeights::supports(const at::Tensor& plain, const Geometry& g) {
    return kernels() != nullptr && plain.scalar_type() == at::kFloat && (is_depthwise(plain, g) || implicit_gemm::supports(plain, g));
}

std::shared_ptr<VolumeWeights> VolumeWeights::of(const at::Tensor& plain, const Geometry& geometry) {
    // Never destroyed: threads may still be here when the process ends.
    static auto& known = *new SharedWeights<std::pair<const void*, Geometry>, VolumeWeights>;
    return known.of({plain.unsafeGetTensorImpl(), geometry}, [&] { return std::make_shared<VolumeWeights>(plain, geometry); });
}

VolumeWeights::VolumeWeights(at::Tensor plain, Geometry geometry) : plain_(std::move(plain)), geometry_(std::move(geometry)) {
    const auto& g = geometry_;
    if (lies_in_frames(plain_, g)) {
        seen_as_ = Volumes::kFrames;
        of_images_ = Weights::of(plain_.squeeze(2), in_frames(g));
    } else if (lies_in_columns(plain_, g)) {
        const auto first = [](const Axes& axes, int64_t other) { return Axes{axes[0], other}; };
        seen_as_ = Volumes::kColumns;
        of_images_ = Weights::of(
            plain_.squeeze(4), Geometry{first(g.stride, 1), first(g.padding, 0), first(g.dilation, 1), g.groups, first(g.padding_after, 0)});
    } else {
        seen_as_ = is_depthwise(plain_, g) ? Volumes::kDepthwise : Volumes::kWindows;
    }
    is_of_images_ = of_images_ != nullptr;
}

Volumes VolumeWeights::seen_as(const at::Tensor& volume) {
    std::call_once(packed_once_, [&] {
        const NoCachingGuard memory;
        if (seen_as_ == Volumes::kDepthwise) {
            // As rows of so many more weights.
            packed_ = depthwise::pack(plain_.flatten(2, 3)).unflatten(0, {plain_.size(2), plain_.size(3)});
        } else if (seen_as_ == Volumes::kWindows) {
            if (geometry_.groups == 1) {
                const auto as_images = plain_.transpose(1, 2).flatten(1, 2);
                const auto weights = Weights::of(as_images, in_frames(geometry_));
                const int64_t frames = volume.size(0) * out_size(volume.size(2), plain_.size(2), geometry_, 0);
                const auto algorithm = weights->algorithm_for({frames, as_images.size(1), volume.size(3), volume.size(4)});
                if (algorithm == Algorithm::kWinograd2 || algorithm == Algorithm::kWinograd4 || algorithm == Algorithm::kStem) {
                    seen_as_ = Volumes::kChannels;
                    of_images_ = weights;
                    return;
                }
            }
            packed_ = implicit_gemm::pack(plain_, geometry_);
        }
    });
    return seen_as_;
}

}  // namespace cresset::convolution
