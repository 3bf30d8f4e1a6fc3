// Max pooling.
#pragma once

#include "kernels/bfloat16.h"
#include "kernels/kernels.h"
#include "kernels/vectors.h"

namespace cresset {

namespace {

inline Vector larger(Vector value, Vector than) {
    // What is not a number is the largest, and stays it.
    return (value > than) | (value != value) ? value : than;
}

// The largest numbers of a window of `rows` by `columns`, for some of the channels.
template <int VECTORS, typename Element>
inline void largest(const MaxPooling& work, const Element* x, int64_t rows, int64_t columns, Element* out) {
    Vector found[VECTORS];
#pragma GCC unroll 4
    for (int v = 0; v < VECTORS; v++) {
        found[v] = Vector{} - __builtin_inff();
    }
    for (int64_t i = 0; i < rows; i++) {
        for (int64_t j = 0; j < columns; j++) {
            const Element* from = x + (i * work.width + j) * work.channels;
#pragma GCC unroll 4
            for (int v = 0; v < VECTORS; v++) {
                found[v] = larger(load(from + v * LANES), found[v]);
            }
        }
    }
#pragma GCC unroll 4
    for (int v = 0; v < VECTORS; v++) {
        store(out + v * LANES, found[v]);
    }
}

template <typename Element>
void max_pool(const MaxPooling& work, int64_t first_row, int64_t last_row) {
    constexpr int kAtOnce = 4;
    const auto* x = static_cast<const Element*>(work.x);
    auto* out = static_cast<Element*>(work.out);
    for (int64_t row = first_row; row < last_row; row++) {
        const int64_t image = row / work.out_height;
        const int64_t y = row % work.out_height * work.stride_y - work.padding_y;
        const int64_t top = max(0, y), bottom = min(y + work.kernel_y, work.height);
        for (int64_t pixel = 0; pixel < work.out_width; pixel++) {
            const int64_t left = pixel * work.stride_x - work.padding_x;
            const int64_t start = max(0, left), end = min(left + work.kernel_x, work.width);
            const Element* from = x + ((image * work.height + top) * work.width + start) * work.channels;
            Element* to = out + (row * work.out_width + pixel) * work.channels;
            int64_t c = 0;
            for (; c + kAtOnce * LANES <= work.channels; c += kAtOnce * LANES) {
                largest<kAtOnce>(work, from + c, bottom - top, end - start, to + c);
            }
            for (; c < work.channels; c += LANES) {
                // The last vector may begin with channels that have been computed already.
                const int64_t at = min(c, work.channels - LANES);
                largest<1>(work, from + at, bottom - top, end - start, to + at);
            }
        }
    }
}

}  // namespace

}  // namespace cresset
