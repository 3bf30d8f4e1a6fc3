// Convolutions as an implicit product of matrices (implicit GEMM), of their windows by the weights: [pixel][number of its window] times
// [number][output]. What lies together in memory of a window is a run: a row of it, or a pixel where windows skip some. Weights are in
// panels or, of few outputs and runs that fill vectors, output by output.
#pragma once

#include "kernels/activation.h"
#include "kernels/kernels.h"
#include "kernels/vectors.h"

namespace cresset {

namespace {

constexpr int64_t kFewOutputs = 4;  // operators/implicit_gemm.cpp has the same

// Neighbouring pixels of a row of the output, times one panel of weights.
template <int ROWS, int VECTORS>
void of_panel(const Windows& work, const float* x, const float* panel, int64_t k, int64_t to) {
    constexpr int kSums = ROWS * VECTORS;
    constexpr int kSplit = kSums <= 4 ? 4 : kSums <= 8 ? 2 : 1;  // few sums are waited for; more of them are, at once
    Vector sums[kSplit * kSums];
#pragma GCC unroll 24
    for (int i = 0; i < kSplit * kSums; i++) {
        sums[i] = i < kSums ? load(work.bias + k + i % VECTORS * LANES) : Vector{};
    }
    const int64_t step = work.step;
    for (int64_t run = 0; run < work.runs; run++) {
        const float* from = x + work.starts[run];
        const auto add = [&](int64_t c, Vector* to) __attribute__((always_inline)) {
            Vector weights[VECTORS];
#pragma GCC unroll 2
            for (int v = 0; v < VECTORS; v++) {
                weights[v] = load(panel + (c * VECTORS + v) * LANES);
            }
#pragma GCC unroll 12
            for (int r = 0; r < ROWS; r++) {
                const Vector value = from[r * step + c] - Vector{};
#pragma GCC unroll 2
                for (int v = 0; v < VECTORS; v++) {
                    to[r * VECTORS + v] += value * weights[v];
                }
            }
        };
        int64_t c = 0;
        for (; c + kSplit <= work.length; c += kSplit) {
#pragma GCC unroll 4
            for (int part = 0; part < kSplit; part++) {
                add(c + part, sums + part * kSums);
            }
        }
        for (; c < work.length; c++) {
            add(c, sums);
        }
        panel += work.length * VECTORS * LANES;
    }
#pragma GCC unroll 24
    for (int i = kSums; i < kSplit * kSums; i++) {
        sums[i % kSums] += sums[i];
    }
    const int64_t left = work.outputs - k;
    if (work.added != nullptr) {
        const float* added = work.added + to + k;
#pragma GCC unroll 24
        for (int i = 0; i < kSums; i++) {
            sums[i] += load(added + i / VECTORS * work.out_step + i % VECTORS * LANES, left - i % VECTORS * LANES);
        }
    }
    activate<kSums>(sums, work.activation);
    float* out = work.out + to + k;
#pragma GCC unroll 24
    for (int i = 0; i < kSums; i++) {
        store(out + i / VECTORS * work.out_step + i % VECTORS * LANES, sums[i], left - i % VECTORS * LANES);
    }
}

using OfPanel = void (*)(const Windows&, const float*, const float*, int64_t, int64_t);
#define OF_PANEL(count) of_panel<count, 1>
#define OF_WIDE_PANEL(count) of_panel<count, 2>
constexpr OfPanel kOfPanel[] = {nullptr, COUNTS(OF_PANEL)};
constexpr OfPanel kOfWidePanel[] = {nullptr, COUNTS(OF_WIDE_PANEL)};

// Neighbouring pixels, times the weights of so few outputs that vectors of these would be mostly empty: vectors are of the numbers of a
// window, and added up at the end.
template <int ROWS, int OUTPUTS>
void of_few(const Windows& work, const float* x, int64_t to) {
    constexpr int kSums = ROWS * OUTPUTS, kVectors = (kSums + LANES - 1) / LANES;
    const int64_t numbers = work.runs * work.length;
    Vector sums[kSums] = {};
    const float* weights = work.weights;
    const int64_t rest = work.length % LANES;
    const MASK mask = mask_of(rest);
    for (int64_t run = 0; run < work.runs; run++, weights += work.length) {
        const float* from = x + work.starts[run];
        const auto add = [&](int64_t c, bool is_whole) __attribute__((always_inline)) {
            Vector weight[OUTPUTS];
#pragma GCC unroll 4
            for (int k = 0; k < OUTPUTS; k++) {
                weight[k] = is_whole ? load(weights + k * numbers + c) : load(weights + k * numbers + c, mask);
            }
#pragma GCC unroll 6
            for (int r = 0; r < ROWS; r++) {
                const float* pixel = from + r * work.step + c;
                const Vector value = is_whole ? load(pixel) : load(pixel, mask);
#pragma GCC unroll 4
                for (int k = 0; k < OUTPUTS; k++) {
                    sums[r * OUTPUTS + k] += value * weight[k];
                }
            }
        };
        for (int64_t c = 0; c + LANES <= work.length; c += LANES) {
            add(c, true);
        }
        if (rest > 0) {
            add(work.length - rest, false);
        }
    }
    float results[kVectors * LANES] = {};
    for (int i = 0; i < kSums; i++) {
        results[i] = sum_of(sums[i]) + work.bias[i % OUTPUTS];
        if (work.added != nullptr) {
            results[i] += work.added[to + i / OUTPUTS * work.out_step + i % OUTPUTS];
        }
    }
    for (int i = 0; i < kVectors; i++) {
        Vector part = load(results + i * LANES);
        activate<1>(&part, work.activation);
        store(results + i * LANES, part);
    }
    for (int i = 0; i < kSums; i++) {
        work.out[to + i / OUTPUTS * work.out_step + i % OUTPUTS] = results[i];
    }
}

void windows_of_few(const Windows& work, int64_t first, int64_t last) {
    constexpr int kRows = kMaxRows / 2;
    using OfFew = void (*)(const Windows&, const float*, int64_t);
    constexpr OfFew kOne[] = {nullptr, of_few<1, 1>, of_few<1, 2>, of_few<1, 3>, of_few<1, 4>};
    constexpr OfFew kSome[] = {nullptr, of_few<kRows, 1>, of_few<kRows, 2>, of_few<kRows, 3>, of_few<kRows, 4>};
    const int64_t parts = (work.out_width + kMaxRows - 1) / kMaxRows;
    for (int64_t part = first; part < last; part++) {
        const int64_t row = part / parts, i = part % parts;
        const int64_t end = work.out_width * (i + 1) / parts;
        const int64_t image = row / work.out_height, y = row % work.out_height;
        const float* x = work.x + image * work.image_step + y * work.row_step;
        const int64_t out = image * work.out_image_step + y * work.out_row_step;
        for (int64_t pixel = work.out_width * i / parts, count; pixel < end; pixel += count) {
            count = end - pixel >= kRows ? kRows : 1;
            (count == 1 ? kOne : kSome)[work.outputs](work, x + pixel * work.step, out + pixel * work.out_step);
        }
    }
}

void windows(const Windows& work, int64_t first, int64_t last) {
    if (work.outputs <= kFewOutputs && work.length >= LANES) {
        return windows_of_few(work, first, last);
    }
    const int64_t parts = (work.out_width + kMaxRows - 1) / kMaxRows;  // of a row, of about the same size
    const int64_t numbers = work.runs * work.length;
    // Each panel reads the pixels again: they should still be in the cache.
    const int64_t at_once = max(4, kL2Floats / (kMaxRows * work.step));
    for (int64_t block = first; block < last; block += at_once) {
        const int64_t end = min(block + at_once, last);
        for (int64_t k = 0; k < work.outputs; k += kPanel) {
            const auto* of = work.outputs - k > LANES ? kOfWidePanel : kOfPanel;
            for (int64_t part = block; part < end; part++) {
                const int64_t row = part / parts, i = part % parts;
                const int64_t from = work.out_width * i / parts, to = work.out_width * (i + 1) / parts;
                const int64_t image = row / work.out_height, y = row % work.out_height;
                const float* x = work.x + image * work.image_step + y * work.row_step;
                const int64_t out = image * work.out_image_step + y * work.out_row_step;
                of[to - from](work, x + from * work.step, work.weights + k * numbers, k, out + from * work.out_step);
            }
        }
    }
}

}  // namespace

}  // namespace cresset
