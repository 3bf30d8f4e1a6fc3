// Which pixels Winograd's algorithm is not for: operators/winograd_outliers.h says why.
#pragma once

#include "kernels/vectors.h"

namespace cresset {

namespace {

// What is larger leaves the range in which transforms can be trusted not to overflow: 1e15 a number.
constexpr float kMaxEnergy = 1e30f;

// The sum of the squares of a pixel's channels, which fill vectors.
template <typename Element>
inline float energy(const Element* x, int64_t channels) {
    Vector sums[2] = {};
    int64_t c = 0;
    for (; c + 2 * LANES <= channels; c += 2 * LANES) {
        const Vector first = load(x + c), second = load(x + c + LANES);
        sums[0] += first * first;
        sums[1] += second * second;
    }
    if (c < channels) {
        const Vector last = load(x + c);
        sums[0] += last * last;
    }
    return sum_of(sums[0] + sums[1]);
}

// Of some sums that belong together, those that are left out, a bit each, of the bits of `there`: `near` are the energies of the numbers that each is of,
// `all` is that of all numbers that the algorithm mixes.
template <int COUNT>
inline unsigned left_out(const float* near, unsigned there, float all, float limit) {
    if (!(all <= kMaxEnergy)) {
        return there;
    }
    unsigned of_zeros = 0;
    float min_near = all;
    for (int i = 0; i < COUNT; i++) {
        if ((there >> i & 1) == 0) {
            continue;
        }
        if (near[i] == 0) {
            of_zeros |= 1u << i;
        } else if (near[i] < min_near) {
            min_near = near[i];
        }
    }
    // Where one of them would be wrong, another may be, for the outlier's weight may be nothing to it.
    return all == 0 ? 0 : min_near * limit < all ? there : of_zeros;
}

// Of a tile; `energies` are those of its pixels, in rows `step` apart.
template <int TILE, int STRIDE, int SIDE>
inline unsigned left_out_of_tile(const float* energies, int64_t step, int64_t bottom, int64_t right, float limit) {
    float rows[SIDE][TILE], near[TILE * TILE];
    float all = 0;
#pragma GCC unroll 9
    for (int i = 0; i < SIDE; i++) {
        const float* from = energies + i * step;
        float of_row = 0;
#pragma GCC unroll 9
        for (int j = 0; j < SIDE; j++) {
            of_row += from[j];
        }
        all += of_row;
#pragma GCC unroll 4
        for (int j = 0; j < TILE; j++) {
            rows[i][j] = from[j * STRIDE] + from[j * STRIDE + 1] + from[j * STRIDE + 2];
        }
    }
    float min_near = __builtin_inff();
#pragma GCC unroll 4
    for (int i = 0; i < TILE; i++) {
#pragma GCC unroll 4
        for (int j = 0; j < TILE; j++) {
            const float sum = rows[i * STRIDE][j] + rows[i * STRIDE + 1][j] + rows[i * STRIDE + 2][j];
            near[i * TILE + j] = sum;
            min_near = sum < min_near ? sum : min_near;
        }
    }
    if (all <= kMaxEnergy && min_near * limit >= all) {
        return 0;
    }
    unsigned there = 0;
    for (int64_t i = 0; i < bottom; i++) {
        there |= ((1u << right) - 1) << (i * TILE);
    }
    return left_out<TILE * TILE>(near, there, all, limit);
}

}  // namespace

}  // namespace cresset
