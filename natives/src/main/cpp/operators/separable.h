// Depthwise separable convolutions: those of single pixels, and those of each channel by itself, which networks for small devices
// are made of. Theirs is so little work that oneDNN takes as long to prepare it. Images are float32 and have their channels last.
#pragma once

#include <ATen/core/Tensor.h>

#include "operators/geometry.h"

namespace cresset::pointwise {

// Whether there is a kernel for it.
bool takes(const at::Tensor& weight, const convolution::Geometry& geometry);

at::Tensor laid_out(const at::Tensor& weight);

// out = activation(sums + bias + added). The bias has a number for each output and is filled up to a multiple of 64; what is
// added may be undefined, or `out` itself. Works with as many threads as the caller has.
void convolve(const at::Tensor& x, const at::Tensor& laid_out, const convolution::Geometry& geometry, const at::Tensor& bias,
              const at::Tensor& added, Activation activation, const at::Tensor& out);

}  // namespace cresset::pointwise

namespace cresset::depthwise {

bool takes(const at::Tensor& weight, const convolution::Geometry& geometry);

at::Tensor laid_out(const at::Tensor& weight);

void convolve(const at::Tensor& x, const at::Tensor& laid_out, const convolution::Geometry& geometry, const at::Tensor& bias,
              const at::Tensor& added, Activation activation, const at::Tensor& out);

}  // namespace cresset::depthwise
