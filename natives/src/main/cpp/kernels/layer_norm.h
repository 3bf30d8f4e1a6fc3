// Rows that are divided by how large their numbers are.
#pragma once

#include "kernels/kernels.h"
#include "kernels/vectors.h"

namespace cresset {

namespace {

void normalize(const Norm& work, int64_t first, int64_t last) {
    for (int64_t r = first; r < last; r++) {
        const float* row = work.x + r * work.width;
        float* out = work.out + r * work.width;
        float mean = 0;
        if (work.centers) {
            Vector sums = {};
            for (int64_t i = 0; i < work.width; i += LANES) {
                sums += load(row + i, work.width - i);
            }
            mean = sum_of(sums) / work.width;
        }
        float means[LANES];
        store(means, mean - Vector{});
        // Of what is left of each number, for the difference of two large sums would lose the small ones; so would the mean.
        Vector squares = {}, rests = {};
        for (int64_t i = 0; i < work.width; i += LANES) {
            const int64_t left = work.width - i;
            const Vector rest = load(row + i, left) - load(means, left);
            squares += rest * rest;
            rests += rest;
        }
        const float lost = work.centers ? sum_of(rests) / work.width : 0;
        const float factor = 1 / __builtin_sqrtf(sum_of(squares) / work.width - lost * lost + work.eps);
        for (int64_t i = 0; i < work.width; i += LANES) {
            const int64_t left = work.width - i;
            Vector values = (load(row + i, left) - mean - lost) * factor;
            if (work.weight != nullptr) {
                values *= load(work.weight + i, left);
            }
            if (work.bias != nullptr) {
                values += load(work.bias + i, left);
            }
            store(out + i, values, left);
        }
    }
}

}  // namespace

}  // namespace cresset
