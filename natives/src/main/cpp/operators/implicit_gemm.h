// Convolutions by their windows, an implicit product of matrices: of one dimension or three, dilated, in groups, of other sizes than
// 3 x 3. Images and volumes are float32 and have their channels last; what they are padded with is put around them first, so that all
// windows are alike.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "kernels/kernels.h"
#include "operators/geometry.h"

namespace cresset::implicit_gemm {

// Whether there is a kernel for it.
bool supports(const at::Tensor& weight, const convolution::Geometry& geometry);

// The same for weights that are in any order, of groups with so many outputs each.
bool supports(const at::Tensor& weight, int64_t outputs, int64_t groups);

// Whether it has so few outputs that the kernel computes them in a way of its own, faster than any other algorithm does.
bool has_few_outputs(const at::Tensor& weight, const convolution::Geometry& geometry);

// The weights, as the kernel reads them: of each group, panel by panel or, of few outputs, output by output.
at::Tensor pack(const at::Tensor& weight, const convolution::Geometry& geometry);

// The same of [group][output][number of a window], in runs of such a length.
at::Tensor pack_runs(const at::Tensor& weight, int64_t length);

// out = activation(sums + bias + added). The bias has a number for each output and is padded to a multiple of 64; what is
// added may be undefined, or `out` itself. Works with as many threads as the caller has.
void convolve(const at::Tensor& x, const at::Tensor& plain, const at::Tensor& packed, const convolution::Geometry& geometry,
              const at::Tensor& bias, const at::Tensor& added, Activation activation, const at::Tensor& out);

// An image or a volume with zeros around it, so many by axis.
at::Tensor padded(const at::Tensor& x, const std::vector<int64_t>& before, const std::vector<int64_t>& after);

// Runs the kernel over all rows of the output's images, with as many threads as the caller has.
void run(const Windows& work, int64_t images);

}  // namespace cresset::implicit_gemm
