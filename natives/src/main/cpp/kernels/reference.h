// Single pixels of a convolution, each output the sum that it is defined as.
#pragma once

#include "kernels/activation.h"
#include "kernels/bfloat16.h"
#include "kernels/kernels.h"
#include "kernels/vectors.h"

namespace cresset {

namespace {

template <int VECTORS, typename Element>
void reference_outputs(const ReferenceConvolution& work, int64_t image, int64_t y, int64_t x, int64_t k) {
    const auto* image_at = static_cast<const Element*>(work.x) + image * work.image_step;
    Vector sums[VECTORS] = {};
    for (int64_t i = 0; i < work.kernel; i++) {
        const int64_t row = y * work.stride - work.padding_y + i;
        for (int64_t j = 0; j < work.kernel && row >= 0 && row < work.height; j++) {
            const int64_t column = x * work.stride - work.padding_x + j;
            if (column < 0 || column >= work.width) {
                continue;
            }
            const Element* from = image_at + row * work.row_step + column * work.column_step;
            const float* weights = work.weights + (i * work.kernel + j) * work.channels * work.outputs + k;
            for (int64_t c = 0; c < work.channels; c++, from += work.channel_step, weights += work.outputs) {
                const float value = number(from);
                if (value == 0) {
                    continue;  // weights are finite
                }
#pragma GCC unroll 8
                for (int v = 0; v < VECTORS; v++) {
                    sums[v] += value * load(weights + v * LANES);
                }
            }
        }
    }
    const int64_t to = ((image * work.out_height + y) * work.out_width + x) * work.outputs + k;
    for (int v = 0; v < VECTORS; v++) {
        sums[v] += load(work.bias + k + v * LANES);
        if (work.added != nullptr) {
            sums[v] += load(static_cast<const Element*>(work.added) + to + v * LANES);
        }
    }
    activate<VECTORS>(sums, work.activation);
    for (int v = 0; v < VECTORS; v++) {
        store(static_cast<Element*>(work.out) + to + v * LANES, sums[v]);
    }
}

template <typename Element>
void reference_pixel(const ReferenceConvolution& work, int64_t image, int64_t y, int64_t x) {
    constexpr int kAtOnce = 8;
    int64_t k = 0;
    for (; k + kAtOnce * LANES <= work.outputs; k += kAtOnce * LANES) {
        reference_outputs<kAtOnce, Element>(work, image, y, x, k);
    }
    for (; k < work.outputs; k += kPanel) {
        reference_outputs<2, Element>(work, image, y, x, k);
    }
}

}  // namespace

}  // namespace cresset
