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

// What a row of weights adds to neighbouring pixels.
template <int COUNT, int COLUMNS, int STRIDE>
__attribute__((always_inline)) inline void add_row(const Vector* values, const float* weights, int64_t padded, Vector* sums) {
#pragma GCC unroll 11
    for (int j = 0; j < COLUMNS; j++) {
        const Vector weight = load(weights + j * padded);
#pragma GCC unroll 4
        for (int p = 0; p < COUNT; p++) {
            sums[p] += weight * values[p * STRIDE + j];
        }
    }
}

// Pixels of one row of the output, or of one and of that below it: they share most of what they are sums of. If the image is not known to
// be there, a mask for each of its columns says what of it is.
template <int ROWS, int COUNT, int COLUMNS, int STRIDE, bool IS_THERE>
inline void sum(const Depthwise& work, const Neighbours& at, const MASK* masks) {
    constexpr int kSpan = (COUNT - 1) * STRIDE + COLUMNS;
    const int64_t padded = (work.channels + LANES - 1) / LANES * LANES;
    const int64_t image_row = work.width * work.channels, weight_row = COLUMNS * padded, out_row = work.out_width * work.channels;
    Vector sums[ROWS * COUNT];
#pragma GCC unroll 8
    for (int p = 0; p < ROWS * COUNT; p++) {
        sums[p] = at.bias;
    }
    const float* x = at.x;
    const float* weights = at.weights;
    Vector values[kSpan];
    const auto read = [&]() __attribute__((always_inline)) {
#pragma GCC unroll 21
        for (int i = 0; i < kSpan; i++) {
            values[i] = IS_THERE ? load(x + i * work.channels) : load(x + i * work.channels, masks[i]);
        }
        x += image_row;
    };
    for (int64_t row = 0; row < at.rows; row++, weights += weight_row) {
        read();
        add_row<COUNT, COLUMNS, STRIDE>(values, weights, padded, sums);
        if (ROWS == 2 && row > 0) {
            add_row<COUNT, COLUMNS, STRIDE>(values, weights - weight_row, padded, sums + COUNT);
        }
    }
    if (ROWS == 2) {
        read();
        add_row<COUNT, COLUMNS, STRIDE>(values, weights - weight_row, padded, sums + COUNT);
    }
    // The rows that the next row of pixels needs. Of pixels that are skipped there would be too many to ask for.
    for (int64_t row = 0; STRIDE == 1 && row < ROWS * work.stride_y; row++, x += image_row) {
#pragma GCC unroll 4
        for (int i = 0; i < COUNT; i++) {
            __builtin_prefetch(x + i * work.channels);
        }
    }
    if (at.added != nullptr) {
#pragma GCC unroll 8
        for (int p = 0; p < ROWS * COUNT; p++) {
            const float* added = at.added + p / COUNT * out_row + p % COUNT * work.channels;
            sums[p] += IS_THERE ? load(added) : load(added, at.many);
        }
    }
    activate<ROWS * COUNT>(sums, work.activation);
#pragma GCC unroll 8
    for (int p = 0; p < ROWS * COUNT; p++) {
        float* out = at.out + p / COUNT * out_row + p % COUNT * work.channels;
        if (IS_THERE) {
            store(out, sums[p]);
        } else {
            store(out, sums[p], at.many);
        }
    }
}

// Channels from `first_channel` to before `last_channel` of the rows from `first` to before `last`.
template <int COLUMNS, int STRIDE>
void sum_rows(const Depthwise& work, int64_t first_channel, int64_t last_channel, int64_t first, int64_t last) {
    constexpr int kAtOnce = 4, kSpan = (kAtOnce - 1) * STRIDE + COLUMNS;
    using Sum = void (*)(const Depthwise&, const Neighbours&, const MASK*);
    constexpr Sum kSome[] = {nullptr, sum<1, 1, COLUMNS, STRIDE, false>, sum<1, 2, COLUMNS, STRIDE, false>,
                             sum<1, 3, COLUMNS, STRIDE, false>, sum<1, 4, COLUMNS, STRIDE, false>};
    constexpr Sum kSomeOfTwo[] = {nullptr, sum<2, 1, COLUMNS, STRIDE, false>, sum<2, 2, COLUMNS, STRIDE, false>,
                                  sum<2, 3, COLUMNS, STRIDE, false>, sum<2, 4, COLUMNS, STRIDE, false>};
    const int64_t padded = (work.channels + LANES - 1) / LANES * LANES;
    for (int64_t row = first, rows; row < last; row += rows) {
        const int64_t image = row / work.out_height;
        const int64_t y = row % work.out_height * work.stride_y - work.padding_y;
        const int64_t top = max(0, -y), bottom = min(work.kernel_y, work.height - y);
        // Two rows at once where both windows are inside of the image from above to below.
        const bool are_two = STRIDE == 1 && work.stride_y == 1 && y >= 0 && y + work.kernel_y < work.height && row + 1 < last &&
                             row % work.out_height + 1 < work.out_height;
        rows = are_two ? 2 : 1;
        for (int64_t pixel = 0; pixel < work.out_width; pixel += kAtOnce) {
            const int64_t count = min(kAtOnce, work.out_width - pixel);
            const int64_t x = pixel * STRIDE - work.padding_x;
            const bool are_there = count == kAtOnce && x >= 0 && x + kSpan <= work.width;
            const int64_t from = ((image * work.height + y + top) * work.width + x) * work.channels;
            const int64_t to = (row * work.out_width + pixel) * work.channels;
            MASK masks[kSpan];
            const auto mask = [&](int64_t many) {
                for (int i = 0; i < kSpan; i++) {
                    masks[i] = mask_of(x + i >= 0 && x + i < work.width ? many : 0);
                }
            };
            if (!are_there) {
                mask(LANES);
            }
            for (int64_t c = first_channel; c < last_channel; c += LANES) {
                const Neighbours at{work.x + from + c,
                                    work.weights + top * COLUMNS * padded + c,
                                    work.added == nullptr ? nullptr : work.added + to + c,
                                    work.out + to + c,
                                    x,
                                    bottom - top,
                                    min(LANES, work.channels - c),
                                    load(work.bias + c)};
                if (at.many < LANES) {
                    mask(at.many);
                }
                if (are_there && at.many == LANES) {
                    (are_two ? sum<2, kAtOnce, COLUMNS, STRIDE, true> : sum<1, kAtOnce, COLUMNS, STRIDE, true>)(work, at, masks);
                } else {
                    (are_two ? kSomeOfTwo : kSome)[count](work, at, masks);
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
#pragma GCC unroll 8
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
    if (at.added != nullptr) {
#pragma GCC unroll 8
        for (int p = 0; p < COUNT; p++) {
            sums[p] += load(at.added + p * work.channels, at.many);
        }
    }
    activate<COUNT>(sums, work.activation);
#pragma GCC unroll 8
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
