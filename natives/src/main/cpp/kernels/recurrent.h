// Steps of recurrent layers: states times their weights, and the gates, computed while the sums are in registers.
#pragma once

#include "kernels/activation.h"
#include "kernels/kernels.h"
#include "kernels/vectors.h"

namespace cresset {

namespace {

// Each cell says how many products it takes, what their sums begin with, and what becomes of them.
struct Lstm {
    static constexpr int kGates = 4;
    static inline Vector first(const RecurrentStep&, const float* inputs, int gate, int64_t) { return load(inputs + gate * LANES); }
    static inline Vector state(const RecurrentStep& step, const Vector* sums, const float*, int64_t row, int64_t at, int64_t left) {
        float* cell = step.cell + row * step.hidden + at;
        const Vector kept = sigmoid(sums[1]) * load(cell, left);
        const Vector now = kept + sigmoid(sums[0]) * tangent(sums[2]);
        store(cell, now, left);
        return sigmoid(sums[3]) * tangent(now);
    }
};

struct Gru {
    static constexpr int kGates = 3;
    static inline Vector first(const RecurrentStep& step, const float* inputs, int gate, int64_t at) {
        return gate < 2 ? load(inputs + gate * LANES) : load(step.bias + at);
    }
    static inline Vector state(const RecurrentStep& step, const Vector* sums, const float* inputs, int64_t row, int64_t at, int64_t left) {
        const Vector before = load(step.before + row * step.before_stride + at, left);
        const Vector fresh = tangent(load(inputs + 2 * LANES) + sigmoid(sums[0]) * sums[2]);
        return fresh + sigmoid(sums[1]) * (before - fresh);
    }
};

template <Activation ACTIVATION>
struct Plain {
    static constexpr int kGates = 1;
    static inline Vector first(const RecurrentStep&, const float* inputs, int, int64_t) { return load(inputs); }
    static inline Vector state(const RecurrentStep&, const Vector* sums, const float*, int64_t, int64_t, int64_t) {
        return ACTIVATION == Activation::kRelu ? at_least(sums[0], 0) : tangent(sums[0]);
    }
};

// Some rows' states, one vector of each: the one from `at` on.
template <typename Cell, int ROWS>
void states(const RecurrentStep& step, int64_t row, int64_t at) {
    constexpr int kGates = Cell::kGates;
    constexpr int kSums = ROWS * kGates;
    // Few sums wait for themselves; more of them, each of every other product, are waited for at once.
    constexpr int kSplit = kSums <= 3 ? 4 : kSums <= 6 ? 2 : 1;
    const float* inputs = step.inputs + row * step.input_stride + at * kGates;
    const float* before = step.before + row * step.before_stride;
    const float* weights = step.weights + at * kGates * step.hidden;
    Vector sums[kSplit * kSums];
#pragma GCC unroll 24
    for (int i = 0; i < kSplit * kSums; i++) {
        sums[i] = i < kSums ? Cell::first(step, inputs + i / kGates * step.input_stride, i % kGates, at) : Vector{};
    }
    const auto add = [&](int64_t k, Vector* to) __attribute__((always_inline)) {
        Vector factors[kGates];
#pragma GCC unroll 4
        for (int g = 0; g < kGates; g++) {
            factors[g] = load(weights + (k * kGates + g) * LANES);
        }
#pragma GCC unroll 12
        for (int r = 0; r < ROWS; r++) {
            const Vector value = before[r * step.before_stride + k] - Vector{};
#pragma GCC unroll 4
            for (int g = 0; g < kGates; g++) {
                to[r * kGates + g] += value * factors[g];
            }
        }
    };
    int64_t k = 0;
    for (; k + kSplit <= step.hidden; k += kSplit) {
#pragma GCC unroll 4
        for (int part = 0; part < kSplit; part++) {
            add(k + part, sums + part * kSums);
        }
    }
    for (; k < step.hidden; k++) {
        add(k, sums);
    }
#pragma GCC unroll 24
    for (int i = kSums; i < kSplit * kSums; i++) {
        sums[i % kSums] += sums[i];
    }
    const int64_t left = step.hidden - at;
    for (int r = 0; r < ROWS; r++) {
        const Vector state = Cell::state(step, sums + r * kGates, inputs + r * step.input_stride, row + r, at, left);
        store(step.out + (row + r) * step.out_stride + at, state, left);
    }
}

template <typename Cell>
void recurrent_step(const RecurrentStep& step, int64_t first, int64_t last) {
    // The sums and a row of weights are in registers.
    constexpr int64_t kMost = Cell::kGates == 1 ? kMaxRows : kMaxRows / 2;
    constexpr int64_t kAtMost[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
#define STATES(count) states<Cell, kAtMost[count] <= kMost ? count : 1>
    constexpr void (*kStates[])(const RecurrentStep&, int64_t, int64_t) = {nullptr, COUNTS(STATES)};
#undef STATES
    const int64_t count = last - first;
    const int64_t blocks = (count + kMost - 1) / kMost;
    for (int64_t at = 0; at < step.hidden; at += LANES) {
        for (int64_t block = 0; block < blocks; block++) {
            const int64_t from = count * block / blocks, to = count * (block + 1) / blocks;
            kStates[to - from](step, first + from, at);
        }
    }
}

}  // namespace

}  // namespace cresset
