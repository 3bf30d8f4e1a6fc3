// Channels scaled and shifted, each by its own numbers, and the numbers that they are found by.
#pragma once

#include "kernels/activation.h"
#include "kernels/kernels.h"
#include "kernels/vectors.h"

namespace cresset {

namespace {

void scale_and_shift(const ScaledChannels& work, int64_t first, int64_t last) {
    for (int64_t pixel = first; pixel < last; pixel++) {
        const float* x = work.x + pixel * work.channels;
        float* out = work.out + pixel * work.out_step;
        for (int64_t c = 0; c < work.channels; c += LANES) {
            const int64_t many = work.channels - c;
            Vector value = load(x + c, many);
            if (work.scale != nullptr) {
                value = value * load(work.scale + c, many) + load(work.shift + c, many);
            }
            activate<1>(&value, work.activation);
            store(out + c, value, many);
        }
    }
}

// Of some neighbouring vectors of channels. Few pixels at a time, which are still in the cache when they are read again, and whose sums do
// not drown the next one; what is known of them and of those before makes what is known of all (Chan, Golub and LeVeque, 1979).
template <int VECTORS>
void moments_of(const float* x, int64_t pixels, int64_t channels, int64_t many, float* means, float* variances) {
    constexpr int64_t kTogether = 64;
    Vector mean[VECTORS] = {}, sum[VECTORS] = {};
    for (int64_t start = 0; start < pixels; start += kTogether) {
        const int64_t end = min(start + kTogether, pixels);
        const auto count = static_cast<float>(end - start), before = static_cast<float>(start), all = static_cast<float>(end);
        Vector of_block[VECTORS] = {}, squares[VECTORS] = {};
        for (int64_t pixel = start; pixel < end; pixel++) {
#pragma GCC unroll 4
            for (int v = 0; v < VECTORS; v++) {
                of_block[v] += load(x + pixel * channels + v * LANES, many - v * LANES);
            }
        }
        for (int v = 0; v < VECTORS; v++) {
            of_block[v] /= count;
        }
        for (int64_t pixel = start; pixel < end; pixel++) {
#pragma GCC unroll 4
            for (int v = 0; v < VECTORS; v++) {
                const Vector off = load(x + pixel * channels + v * LANES, many - v * LANES) - of_block[v];
                squares[v] += off * off;
            }
        }
        for (int v = 0; v < VECTORS; v++) {
            const Vector further = of_block[v] - mean[v];
            mean[v] += further * (count / all);
            // In this order, for a square may be infinite where there is nothing before.
            sum[v] += squares[v] + further * (further * (before * count / all));
        }
    }
    for (int v = 0; v < VECTORS; v++) {
        store(means + v * LANES, mean[v], many - v * LANES);
        store(variances + v * LANES, sum[v] / static_cast<float>(pixels), many - v * LANES);
    }
}

void moments(const float* x, int64_t pixels, int64_t channels, float* means, float* variances) {
    int64_t c = 0;
    for (; c + 4 * LANES <= channels; c += 4 * LANES) {
        moments_of<4>(x + c, pixels, channels, 4 * LANES, means + c, variances + c);
    }
    for (; c < channels; c += LANES) {
        moments_of<1>(x + c, pixels, channels, channels - c, means + c, variances + c);
    }
}

}  // namespace

}  // namespace cresset
