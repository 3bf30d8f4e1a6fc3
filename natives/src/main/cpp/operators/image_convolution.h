// A convolution of images with constant weights, and what follows it.
#pragma once

#include <ATen/core/List.h>
#include <ATen/core/Scalar.h>
#include <ATen/core/Tensor.h>

#include <array>
#include <memory>
#include <optional>

#include "kernels/kernels.h"
#include "operators/convolution_weights.h"

namespace cresset::convolution {

// Whether this LibTorch has what computes those that no kernel of ours does.
bool can_link();

// By kernels: out = f(sums + bias + added). The image lies as the algorithm wants it, addend and output have their channels last; the
// addend may be undefined, or `out` itself. The bias is padded.
void by_kernels(Weights& weights, const PackedWeights& packed, const at::Tensor& x, const at::Tensor& bias, const at::Tensor& added,
                Activation activation, const at::Tensor& out);

// The activation, if the algorithm's kernels compute it, or none.
Activation fused_by(Algorithm algorithm, Activation activation);

// Used by any number of threads.
class ImageConvolution {
 public:
    ImageConvolution(std::shared_ptr<Weights> weights, std::optional<at::Tensor> bias, Activation activation);

    // Whether these are images that are not left to LibTorch.
    bool fits(const at::Tensor& input) const;

    // The activation of the sum of the convolution and `added`, which is written over if it is nobody else's; undefined, if there is
    // nothing to add.
    at::Tensor operator()(const at::Tensor& input, at::Tensor added) const;

 private:
    std::array<int64_t, 4> sizes_of(const at::Tensor& input) const;
    at::Tensor sums(const at::Tensor& input, const std::array<int64_t, 4>& sizes, at::Tensor added, Activation activation) const;
    at::Tensor by_onednn(const at::Tensor& x, const at::Tensor& packed, at::Tensor& added) const;
    at::Tensor by_dispatch(const at::Tensor& x, const at::Tensor& added) const;

    std::shared_ptr<Weights> weights_;
    std::optional<at::Tensor> bias_;
    at::Tensor padded_bias_;
    Activation activation_;
    c10::List<std::optional<at::Scalar>> no_scalars_;
};

}  // namespace cresset::convolution
