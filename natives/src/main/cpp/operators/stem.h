// The convolution that many networks begin with, of few channels by 5 x 5 or 7 x 7 weights with a stride of 2, by Winograd's
// algorithm down the columns: four rows of the output take 1.8 or 2.15 times fewer multiplications than the sum by its
// definition. Every other row of weights meets the even rows of the image, and the others the odd ones. These are two
// convolutions with a stride of 1, whose products are summed up before they are transformed back. Along the rows, sums are as
// they are defined.
//
// The image is read as planes, as callers have it. Rounding is about three times that of the plain sum. Pixels beside numbers that
// stick out are computed by the definition: winograd_outliers.h says which.
#pragma once

#include <ATen/core/Tensor.h>

#include "kernels/kernels.h"
#include "operators/geometry.h"
#include "operators/winograd_outliers.h"

namespace cresset::stem {

// Whether this CPU and this convolution have a kernel.
bool supports(const at::Tensor& weight, const convolution::Geometry& g);

// Weights of [outputs][channels][kernel][kernel], transformed: [panel of outputs][element][parity of rows][channel][column]
// [output].
at::Tensor pack(const at::Tensor& weight);

// out = f(sums + bias + added); the addend may be undefined, or what is in `out` already. The image is contiguous, addend and
// output have their channels last. Works with as many threads as the caller has.
void convolve(const at::Tensor& planes, const at::Tensor& packed, outliers::ReferenceWeights& reference, const convolution::Geometry& g,
              const at::Tensor& bias, const at::Tensor& added, Activation activation, const at::Tensor& out);

}  // namespace cresset::stem
