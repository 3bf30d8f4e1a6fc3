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

// Sums of few pixels are added up to those of all, so that many pixels do not drown the next one.
void moments(const float* x, int64_t pixels, int64_t channels, float* means, float* variances) {
    constexpr int64_t kTogether = 64;
    for (int64_t c = 0; c < channels; c += LANES) {
        const int64_t many = channels - c;
        Vector mean{}, sum{};
        for (int64_t start = 0; start < pixels; start += kTogether) {
            Vector some[2] = {};
            const int64_t end = min(start + kTogether, pixels);
            for (int64_t pixel = start; pixel < end; pixel++) {
                some[pixel % 2] += load(x + pixel * channels + c, many);
            }
            sum += some[0] + some[1];
        }
        mean = sum / static_cast<float>(pixels);
        sum = Vector{};
        for (int64_t start = 0; start < pixels; start += kTogether) {
            Vector some[2] = {};
            const int64_t end = min(start + kTogether, pixels);
            for (int64_t pixel = start; pixel < end; pixel++) {
                const Vector off = load(x + pixel * channels + c, many) - mean;
                some[pixel % 2] += off * off;
            }
            sum += some[0] + some[1];
        }
        store(means + c, mean, many);
        store(variances + c, sum / static_cast<float>(pixels), many);
    }
}

}  // namespace

}  // namespace cresset
