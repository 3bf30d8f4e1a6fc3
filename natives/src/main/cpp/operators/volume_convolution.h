// A convolution of volumes (of three dimensions) with constant weights, and what follows it. Most of them are convolutions of images in
// disguise, and computed so; sums of several frames by Winograd's algorithm are those of an image that has these frames as channels.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <optional>

#include "kernels/kernels.h"
#include "operators/image_convolution.h"
#include "operators/volume_weights.h"

namespace cresset::convolution {

// Volumes are float32 and have their channels last, or are laid out so. Used by any number of threads.
class VolumeConvolution {
 public:
    VolumeConvolution(std::shared_ptr<VolumeWeights> weights, std::optional<at::Tensor> bias, Activation activation);

    // The activation of the sum of the convolution and `added`, as for images.
    at::Tensor operator()(const at::Tensor& input, at::Tensor added) const;

 private:
    at::Tensor by_images(const at::Tensor& input, at::Tensor added, Volumes seen_as) const;
    at::Tensor by_kernels(const at::Tensor& input, at::IntArrayRef sizes, at::Tensor added, Volumes seen_as) const;
    void by_channels(const at::Tensor& x, const at::Tensor& added, const at::Tensor& out) const;
    at::Tensor by_dispatch(const at::Tensor& x, const at::Tensor& added) const;

    std::shared_ptr<VolumeWeights> weights_;
    std::optional<at::Tensor> bias_;
    at::Tensor padded_bias_;
    Activation activation_;
    std::optional<ImageConvolution> images_;  // where volumes are always seen as images
};

}  // namespace cresset::convolution
