// Rows of larger images, each pixel a mean of four neighbours by their distance.
#pragma once

#include "kernels/kernels.h"
#include "kernels/vectors.h"

namespace cresset {

namespace {

// Each neighbour is multiplied, those that count for nothing too: what is not a number then comes out where LibTorch has it.
void blend(const Blend& work) {
    const float upper = 1 - work.lower_weight, lower = work.lower_weight;
    for (int64_t x = 0; x < work.out_width; x++) {
        const float left = 1 - work.right_weights[x], right = work.right_weights[x];
        const int64_t from = work.left[x] * work.channels, to = work.right[x] * work.channels;
        float* out = work.out + x * work.channels;
        for (int64_t c = 0; c < work.channels; c += LANES) {
            const int64_t many = work.channels - c;
            const Vector above = left * load(work.upper + from + c, many) + right * load(work.upper + to + c, many);
            const Vector below = left * load(work.lower + from + c, many) + right * load(work.lower + to + c, many);
            store(out + c, upper * above + lower * below, many);
        }
    }
}

}  // namespace

}  // namespace cresset
