// Convolutions of 3x3 with stride 1 or 2 by Winograd's algorithm (Lavin and Gray, "Fast Algorithms for Convolutional Neural
// Networks", 2015): a square tile of the output, 2 or 4 pixels wide, takes 2.25 or 4 times fewer multiplications than the sum by its
// definition. The input's tiles and the weights are transformed, each of their elements is then a product of matrices of its
// own, and the sums are transformed back. With stride 2, the algorithm is applied to every other pixel, and what is between is
// summed up: that takes 1.44 or 1.78 times fewer.
//
// Images have their channels last. Sums are float32, also those of bfloat16 images. What is multiplied is float32, too, but for tiles
// of 2 of such images on a CPU that multiplies pairs of bfloat16: there, transformed tiles and weights are rounded to it. An answer in
// float32 differs from the plain sum's by rounding, a millionth of the largest number with tiles of 4. Where numbers
// stick out of their neighbours or are not finite, pixels are computed by the definition: winograd_outliers.h says which.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "operators/winograd_outliers.h"

namespace cresset::winograd {

struct Sizes {
    int64_t images, height, width, channels;  // of the input
    int64_t outputs;                          // channels of the output
    int64_t padding_y, padding_x;
    int64_t stride;  // 1 or 2
    bool bfloat16;   // or else float32

    int64_t out_height() const { return (height + 2 * padding_y - 3) / stride + 1; }
    int64_t out_width() const { return (width + 2 * padding_x - 3) / stride + 1; }
};

// How wide a tile of the output should be, 2 or 4; or 0 where the plain sum is as fast, or this CPU or these channels have no
// kernel.
int tile_for(const Sizes& sizes);

// Weights of [outputs][channels][3][3], transformed for tiles so wide, of a convolution with this stride.
at::Tensor pack(const at::Tensor& weight, int tile, int64_t stride);

// out = f(sums + bias + added), where f is max(0, x) or nothing; the addend may be null, and it may be what is in
// `out` already. Image, addend and output are of the type that the sizes say, and have their channels last. Works with as many
// threads as the caller has.
void convolve(const Sizes& sizes, int tile, const void* x, const at::Tensor& packed, outliers::ReferenceWeights& reference,
              const float* bias, const void* added, bool relu, void* out);

}  // namespace cresset::winograd
