// What stands between convolutions.
#pragma once

#include "kernels/vectors.h"

namespace cresset {

namespace {

void mean(const float* x, int64_t pixels, int64_t channels, float* means) {
    constexpr int kParts = 4;
    for (int64_t c = 0; c < channels; c += LANES) {
        const int64_t many = channels - c;
        Vector sums[kParts] = {};
        int64_t pixel = 0;
        for (; pixel + kParts <= pixels; pixel += kParts) {
            for (int i = 0; i < kParts; i++) {
                sums[i] += load(x + (pixel + i) * channels + c, many);
            }
        }
        for (; pixel < pixels; pixel++) {
            sums[0] += load(x + pixel * channels + c, many);
        }
        store(means + c, ((sums[0] + sums[1]) + (sums[2] + sums[3])) / static_cast<float>(pixels), many);
    }
}

void scale(const float* x, int64_t pixels, int64_t channels, const float* by, float* out) {
    for (int64_t pixel = 0; pixel < pixels; pixel++, x += channels, out += channels) {
        for (int64_t c = 0; c < channels; c += LANES) {
            store(out + c, load(x + c, channels - c) * load(by + c, channels - c), channels - c);
        }
    }
}

void interleave(const float* planes, int64_t pixels, float* out) {
    constexpr int kPlanes = 3;
    // Of the numbers of a vector of the output, those of the first two planes, and then those of the third.
    Indexes first_two[kPlanes], third[kPlanes];
    for (int i = 0; i < kPlanes * LANES; i++) {
        const int plane = i % kPlanes, pixel = i / kPlanes;
        first_two[i / LANES][i % LANES] = plane == 1 ? LANES + pixel : pixel;
        third[i / LANES][i % LANES] = plane == 2 ? LANES + pixel : i % LANES;
    }
    const float* red = planes;
    const float* green = red + pixels;
    const float* blue = green + pixels;
    int64_t pixel = 0;
    for (; pixel + LANES <= pixels; pixel += LANES) {
        const Vector r = load(red + pixel), g = load(green + pixel), b = load(blue + pixel);
        for (int i = 0; i < kPlanes; i++) {
            store(out + kPlanes * pixel + i * LANES, __builtin_shuffle(__builtin_shuffle(r, g, first_two[i]), b, third[i]));
        }
    }
    for (; pixel < pixels; pixel++) {
        out[kPlanes * pixel] = red[pixel];
        out[kPlanes * pixel + 1] = green[pixel];
        out[kPlanes * pixel + 2] = blue[pixel];
    }
}

}  // namespace

}  // namespace cresset
