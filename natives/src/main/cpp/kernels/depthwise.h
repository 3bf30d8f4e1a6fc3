// Convolutions of each channel by itself: of their own those with rows of 3 to 11 weights, an odd number, and steps of 1 or 2, and all
// others.
#pragma once

#include "kernels/activation.h"
#include "kernels/kernels.h"
#include "kernels/vectors.h"

namespace cresset {

namespace {

// Neighbouring pixels of a row, of the channels of one vector: what one of them is the sum of, the others are, too.
struct Neighbours {
    const float* x;        // what the first weight of the first pixel is for; it may be outside of the image
    const float* weights;  // the first that is used
    const float* added;
    float* out;
    int64_t column;  // of x
    int64_t rows;    // of weights that are used
    int64_t many;    // channels
    Vector bias;
};

// If the image is not known to be there, no more is read of it than there is.
template <int COUNT, int COLUMNS, int STRIDE, bool IS_THERE>
inline void sum(const Depthwise& work, const Neighbours& at) {
    constexpr int kSpan = (COUNT - 1) * STRIDE + COLUMNS;
    const int64_t padded = (work.channels + LANES - 1) / LANES * LANES;
    Vector sums[COUNT];
    for (int p = 0; p < COUNT; p++) {
        sums[p] = at.bias;
    }
    MASK masks[kSpan];
    if (!IS_THERE) {
        for (int i = 0; i < kSpan; i++) {
            masks[i] = mask_of(at.column + i >= 0 && at.column + i < work.width ? at.many : 0);
        }
    }
    const float* x = at.x;
    const float* weights = at.weights;
    for (int64_t row = 0; row < at.rows; row++, x += work.width * work.channels, weights += COLUMNS * padded) {
        Vector values[kSpan];
#pragma GCC unroll 17
        for (int i = 0; i < kSpan; i++) {
            values[i] = IS_THERE ? load(x + i * work.channels) : load(x + i * work.channels, masks[i]);
        }
#pragma GCC unroll 11
        for (int j = 0; j < COLUMNS; j++) {
            const Vector weight = load(weights + j * padded);
#pragma GCC unroll 4
            for (int p = 0; p < COUNT; p++) {
                sums[p] += weight * values[p * STRIDE + j];
            }
        }
    }
    // The rows that the next row of pixels needs.
    for (int64_t row = 0; row < work.stride_y; row++, x += work.width * work.channels) {
#pragma GCC unroll 8
        for (int i = 0; i < COUNT * STRIDE; i++) {
            __builtin_prefetch(x + i * work.channels);
        }
    }
    if (at.added != nullptr) {
        for (int p = 0; p < COUNT; p++) {
            sums[p] += load(at.added + p * work.channels, at.many);
        }
    }
    activate<COUNT>(sums, work.activation);
    for (int p = 0; p < COUNT; p++) {
        store(at.out + p * work.channels, sums[p], at.many);
    }
}

// Channels from `first_channel` to before `last_channel` of the rows from `first` to before `last`.
template <int COLUMNS, int STRIDE>
void sum_rows(const Depthwise& work, int64_t first_channel, int64_t last_channel, int64_t first, int64_t last) {
    constexpr int kAtOnce = 4;
    constexpr void (*kSome[])(const Depthwise&, const Neighbours&) = {
        nullptr, sum<1, COLUMNS, STRIDE, false>, sum<2, COLUMNS, STRIDE, false>, sum<3, COLUMNS, STRIDE, false>,
        sum<4, COLUMNS, STRIDE, false>};
    const int64_t padded = (work.channels + LANES - 1) / LANES * LANES;
    for (int64_t row = first; row < last; row++) {
        const int64_t image = row / work.out_height;
        const int64_t y = row % work.out_height * work.stride_y - work.padding_y;
        const int64_t top = max(0, -y), bottom = min(work.kernel_y, work.height - y);
        for (int64_t pixel = 0; pixel < work.out_width; pixel += kAtOnce) {
            const int64_t count = min(kAtOnce, work.out_width - pixel);
            const int64_t x = pixel * STRIDE - work.padding_x;
            const int64_t end = x + (kAtOnce - 1) * STRIDE + COLUMNS;
            const bool are_there = count == kAtOnce && x >= 0 && end <= work.width;
            const int64_t from = ((image * work.height + y + top) * work.width + x) * work.channels;
            const int64_t to = (row * work.out_width + pixel) * work.channels;
            for (int64_t c = first_channel; c < last_channel; c += LANES) {
                const Neighbours at{work.x + from + c,
                                    work.weights + top * COLUMNS * padded + c,
                                    work.added == nullptr ? nullptr : work.added + to + c,
                                    work.out + to + c,
                                    x,
                                    bottom - top,
                                    min(LANES, work.channels - c),
                                    load(work.bias + c)};
                if (are_there && at.many == LANES) {
                    sum<kAtOnce, COLUMNS, STRIDE, true>(work, at);
                } else {
                    kSome[count](work, at);
                }
            }
        }
    }
}

// Neighbouring pixels of a row, as `sum` has them, of any windows. If these are not known to be inside of the image, what is beside it
// counts for nothing.
template <int COUNT, bool IS_THERE>
inline void sum_any(const Depthwise& work, const Neighbours& at) {
    const int64_t padded = (work.channels + LANES - 1) / LANES * LANES;
    const int64_t step = work.stride_x * work.channels;
    const MASK mask = mask_of(min(at.many, LANES));
    Vector sums[COUNT];
    for (int p = 0; p < COUNT; p++) {
        sums[p] = at.bias;
    }
    const float* weights = at.weights;
    for (int64_t i = 0; i < at.rows; i++) {
        const float* x = at.x + i * work.dilation_y * work.width * work.channels;
        for (int64_t j = 0; j < work.kernel_x; j++, x += work.dilation_x * work.channels, weights += padded) {
            const Vector weight = load(weights);
            const int64_t column = at.column + j * work.dilation_x;
#pragma GCC unroll 8
            for (int p = 0; p < COUNT; p++) {
                if (IS_THERE) {
                    sums[p] += weight * load(x + p * step);
                } else if (column + p * work.stride_x >= 0 && column + p * work.stride_x < work.width) {
                    sums[p] += weight * load(x + p * step, mask);
                }
            }
        }
    }
    for (int p = 0; p < COUNT && at.added != nullptr; p++) {
        sums[p] += load(at.added + p * work.channels, at.many);
    }
    activate<COUNT>(sums, work.activation);
    for (int p = 0; p < COUNT; p++) {
        store(at.out + p * work.channels, sums[p], at.many);
    }
}

void sum_any_rows(const Depthwise& work, int64_t first_channel, int64_t last_channel, int64_t first, int64_t last) {
    constexpr int kAtOnce = 8;
    const int64_t padded = (work.channels + LANES - 1) / LANES * LANES;
    for (int64_t row = first; row < last; row++) {
        const int64_t image = row / work.out_height;
        const int64_t y = row % work.out_height * work.stride_y - work.padding_y;
        const int64_t top = y < 0 ? (work.dilation_y - 1 - y) / work.dilation_y : 0;
        const int64_t bottom = min(work.kernel_y, (work.height - y + work.dilation_y - 1) / work.dilation_y);
        for (int64_t pixel = 0, count; pixel < work.out_width; pixel += count) {
            const int64_t x = pixel * work.stride_x - work.padding_x;
            const int64_t end = x + (kAtOnce - 1) * work.stride_x + (work.kernel_x - 1) * work.dilation_x;
            const bool are_there = pixel + kAtOnce <= work.out_width && x >= 0 && end < work.width;
            count = are_there ? kAtOnce : 1;
            const int64_t from = ((image * work.height + y + top * work.dilation_y) * work.width + x) * work.channels;
            const int64_t to = (row * work.out_width + pixel) * work.channels;
            for (int64_t c = first_channel; c < last_channel; c += LANES) {
                const Neighbours at{work.x + from + c,
                                    work.weights + top * work.kernel_x * padded + c,
                                    work.added == nullptr ? nullptr : work.added + to + c,
                                    work.out + to + c,
                                    x,
                                    max(0, bottom - top),
                                    work.channels - c,
                                    load(work.bias + c)};
                if (are_there && at.many >= LANES) {
                    sum_any<kAtOnce, true>(work, at);
                } else {
                    for (int64_t p = 0; p < count; p++) {
                        sum_any<1, false>(work, Neighbours{at.x + p * work.stride_x * work.channels, at.weights,
                                                           at.added == nullptr ? nullptr : at.added + p * work.channels,
                                                           at.out + p * work.channels, x + p * work.stride_x, at.rows, at.many,
                                                           at.bias});
                    }
                }
            }
        }
    }
}

void depthwise(const Depthwise& work, int64_t first_row, int64_t last_row) {
    constexpr void (*kKnown[])(const Depthwise&, int64_t, int64_t, int64_t, int64_t) = {
        sum_rows<3, 1>, sum_rows<3, 2>, sum_rows<5, 1>, sum_rows<5, 2>, sum_rows<7, 1>, sum_rows<7, 2>,
        sum_rows<9, 1>, sum_rows<9, 2>, sum_rows<11, 1>, sum_rows<11, 2>};
    const bool is_odd = work.kernel_x % 2 == 1 && work.kernel_x >= 3 && work.kernel_x <= 11;
    const bool is_known = is_odd && work.stride_x <= 2 && work.dilation_y == 1 && work.dilation_x == 1;
    const auto rows = is_known ? kKnown[(work.kernel_x - 3) + (work.stride_x - 1)] : sum_any_rows;
    // As many channels as the first cache holds weights of.
    const int64_t at_once = max(1, kL1Floats / (work.kernel_y * work.kernel_x) / LANES) * LANES;
    for (int64_t c = 0; c < work.channels; c += at_once) {
        rows(work, c, min(c + at_once, work.channels), first_row, last_row);
    }
}

}  // namespace

}  // namespace cresset
