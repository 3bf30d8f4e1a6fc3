// Convolutions of single pixels.
#pragma once

#include "kernels/activation.h"
#include "kernels/kernels.h"
#include "kernels/vectors.h"

namespace cresset {

namespace {

// A product of few rows waits for its own sums; more of them, of every other channel each, are waited for at once.
constexpr int kParts = 4;

// Pixels, times one panel of weights. Meanwhile a line of memory a channel is fetched that will be needed next.
template <int ROWS, int VECTORS>
void product(const Pointwise& work, int64_t row, int64_t k, const float* next) {
    constexpr int kSums = ROWS * VECTORS;
    constexpr int kSplit = kSums <= 4 ? kParts : 1;
    const int64_t channels = work.channels;
    const float* x = work.x + row * channels;
    const float* panel = work.weights + k * channels;
    Vector sums[kSplit * kSums];
#pragma GCC unroll 24
    for (int i = 0; i < kSplit * kSums; i++) {
        sums[i] = i < kSums ? load(work.bias + k + i % VECTORS * LANES) : Vector{};
    }
    const auto add = [&](int64_t c, Vector* to) __attribute__((always_inline)) {
        Vector weights[VECTORS];
#pragma GCC unroll 2
        for (int v = 0; v < VECTORS; v++) {
            weights[v] = load(panel + (c * VECTORS + v) * LANES);
        }
#pragma GCC unroll 12
        for (int r = 0; r < ROWS; r++) {
            const Vector value = x[r * channels + c] - Vector{};
#pragma GCC unroll 2
            for (int v = 0; v < VECTORS; v++) {
                to[r * VECTORS + v] += value * weights[v];
            }
        }
    };
    int64_t c = 0;
    for (; c + kSplit <= channels; c += kSplit) {
#pragma GCC unroll 4
        for (int part = 0; part < kSplit; part++, next += kLineFloats) {
            __builtin_prefetch(next, /* rw= */ 0, /* locality= */ 2);
            add(c + part, sums + part * kSums);
        }
    }
    for (; c < channels; c++) {
        add(c, sums);
    }
#pragma GCC unroll 24
    for (int i = kSums; i < kSplit * kSums; i++) {
        sums[i % kSums] += sums[i];
    }
    const int64_t left = work.outputs - k;
    if (work.added != nullptr) {
        const float* added = work.added + row * work.outputs + k;
#pragma GCC unroll 24
        for (int i = 0; i < kSums; i++) {
            sums[i] += load(added + i / VECTORS * work.outputs + i % VECTORS * LANES, left - i % VECTORS * LANES);
        }
    }
    activate<kSums>(sums, work.activation);
    float* out = work.out + row * work.outputs + k;
#pragma GCC unroll 24
    for (int i = 0; i < kSums; i++) {
        store(out + i / VECTORS * work.outputs + i % VECTORS * LANES, sums[i], left - i % VECTORS * LANES);
    }
}

using Product = void (*)(const Pointwise&, int64_t, int64_t, const float*);
#define PRODUCT(count) product<count, 1>
#define WIDE_PRODUCT(count) product<count, 2>
constexpr Product kProduct[] = {nullptr, COUNTS(PRODUCT)};
constexpr Product kWideProduct[] = {nullptr, COUNTS(WIDE_PRODUCT)};

// All outputs of some pixels.
void all_products(const Pointwise& work, int64_t first, int64_t last) {
    const int64_t count = last - first;
    const int64_t groups = (count + kMaxRows - 1) / kMaxRows;
    for (int64_t k = 0; k < work.outputs; k += kPanel) {
        const bool wide = work.outputs - k > LANES;
        for (int64_t group = 0; group < groups; group++) {
            // Of about the same size, for a group of few rows leaves the CPU waiting for its own sums.
            const int64_t from = count * group / groups, to = count * (group + 1) / groups;
            const float* next = work.weights + ((k + kPanel) + (group % 2) * kLineFloats) * work.channels;
            (wide ? kWideProduct : kProduct)[to - from](work, first + from, k, next);
        }
    }
}

void pointwise(const Pointwise& work, int64_t first, int64_t last) {
    // Each panel reads the pixels again: they should still be in the cache. If the weights are, too, pixels are written one after
    // the other.
    const bool few_weights = work.channels * work.outputs <= kL1Floats;
    const int64_t at_once = few_weights ? kMaxRows : max(4 * kMaxRows, kL2Floats / work.channels);
    const int64_t blocks = (last - first + at_once - 1) / at_once;
    for (int64_t block = 0; block < blocks; block++) {
        all_products(work, first + (last - first) * block / blocks, first + (last - first) * (block + 1) / blocks);
    }
}

}  // namespace

}  // namespace cresset
