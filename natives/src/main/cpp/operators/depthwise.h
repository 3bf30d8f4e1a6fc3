// Convolutions of each channel by itself, which networks for small devices are made of (with those of single pixels,
// they are called depthwise separable). Theirs is so little work that oneDNN takes as long to prepare it. Images are float32 and have
// their channels last.
#pragma once

#include <ATen/core/Tensor.h>

#include "kernels/kernels.h"
#include "operators/geometry.h"

namespace cresset::depthwise {

// Whether there is a kernel for it.
bool supports(const at::Tensor& weight, const convolution::Geometry& geometry);

// The weights, as the kernel reads them.
at::Tensor pack(const at::Tensor& weight);

// out = activation(sums + bias + added). The bias has a number for each output and is padded to a multiple of 64; what is
// added may be undefined, or `out` itself. Works with as many threads as the caller has.
void convolve(const at::Tensor& x, const at::Tensor& packed, const convolution::Geometry& geometry, const at::Tensor& bias,
              const at::Tensor& added, Activation activation, const at::Tensor& out);

// The same of volumes, whose weights are packed frame by frame. Frames of the output are summed up one after the other.
void convolve_volumes(const at::Tensor& x, const at::Tensor& packed, const convolution::Geometry& geometry, const at::Tensor& bias,
                      const at::Tensor& added, Activation activation, const at::Tensor& out);

}  // namespace cresset::depthwise
