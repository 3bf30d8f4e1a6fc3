// The constant weights of a convolution of volumes, packed for what computes with them. Where that is a convolution of images, they are
// an image's weights, and all that images have goes for volumes, too.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <mutex>

#include "operators/convolution_weights.h"
#include "operators/geometry.h"

namespace cresset::convolution {

// How a volume is seen.
enum class Volumes {
    kFrames,    // as images, for a window lies in one of them
    kColumns,   // as one image whose rows are frames, for a window has one pixel of each
    kChannels,  // as images, which have all frames that a window meets as channels
    kDepthwise, // frame by frame, each channel by itself
    kWindows,   // as it is
};

// What a volume is seen as, if not always the same, the first one decides by its size. Used by any number of threads.
class VolumeWeights {
 public:
    // Whether there is a kernel for it. Weights are [output][channel of its group][frame][row][column].
    static bool supports(const at::Tensor& plain, const Geometry& geometry);

    static std::shared_ptr<VolumeWeights> of(const at::Tensor& plain, const Geometry& geometry);

    VolumeWeights(at::Tensor plain, Geometry geometry);

    const at::Tensor& plain() const { return plain_; }
    const Geometry& geometry() const { return geometry_; }

    // Whether all volumes are seen as images.
    bool is_of_images() const { return is_of_images_; }

    // Packs them for volumes like this one, if they are not packed yet.
    Volumes seen_as(const at::Tensor& volume);

    // Those of images, where volumes are seen as such.
    const std::shared_ptr<Weights>& of_images() const { return of_images_; }

    // Packed for the others; of frames that are summed up, [frame][row][column][channel].
    const at::Tensor& packed() const { return packed_; }

 private:
    at::Tensor plain_;
    Geometry geometry_;
    std::once_flag packed_once_;
    Volumes seen_as_;
    std::shared_ptr<Weights> of_images_;
    bool is_of_images_;
    at::Tensor packed_;
};

}  // namespace cresset::convolution
