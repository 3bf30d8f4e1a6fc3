// Attention of one head: softmax(scale * queries * keys^T + mask) * values.
#pragma once

#include "kernels/functions.h"
#include "kernels/kernels.h"
#include "kernels/vectors.h"

namespace cresset {

namespace {

// What stands in the scratch memory, one after the other.
struct AttentionScratch {
    int64_t padded_keys, padded_values;
    float *keys, *values, *scores;

    AttentionScratch(const Attention& work, float* scratch)
        : padded_keys((work.keys + kPanel - 1) / kPanel * kPanel),
          padded_values((work.value_width + LANES - 1) / LANES * LANES),
          keys(scratch),
          values(keys + padded_keys * work.width),
          scores(values + work.keys * padded_values) {}
};

// What would be its rows become its columns.
inline void transpose(Vector (&rows)[LANES]) {
#pragma GCC unroll 4
    for (int step = 1; step < LANES; step *= 2) {
        Indexes low, high;
#pragma GCC unroll 16
        for (int lane = 0; lane < LANES; lane++) {
            const bool upper = (lane & step) != 0;
            low[lane] = upper ? LANES + lane - step : lane;
            high[lane] = upper ? LANES + lane : lane + step;
        }
#pragma GCC unroll 16
        for (int i = 0; i < LANES; i++) {
            if ((i & step) == 0) {
                const Vector first = rows[i], second = rows[i + step];
                rows[i] = __builtin_shuffle(first, second, low);
                rows[i + step] = __builtin_shuffle(first, second, high);
            }
        }
    }
}

// Keys in panels, [panel][number of the key][key], with nothing behind the last one; values too, [panel][key][number of the value].
void pack_attention(const Attention& work, float* scratch) {
    const AttentionScratch at(work, scratch);
    for (int64_t key = 0; key < at.padded_keys; key += LANES) {
        float* to = at.keys + key / kPanel * kPanel * work.width + key % kPanel;
        for (int64_t c = 0; c < work.width; c += LANES) {
            const int64_t columns = min(LANES, work.width - c);
            Vector rows[LANES];
#pragma GCC unroll 16
            for (int i = 0; i < LANES; i++) {
                rows[i] = key + i < work.keys ? load(work.k + (key + i) * work.key_step + c, columns) : Vector{};
            }
            transpose(rows);
            for (int64_t i = 0; i < columns; i++) {
                store(to + (c + i) * kPanel, rows[i]);
            }
        }
    }
    for (int64_t k = 0; k < work.value_width; k += kPanel) {
        const int64_t width = min(kPanel, at.padded_values - k);
        float* to = at.values + k * work.keys;
        for (int64_t key = 0; key < work.keys; key++) {
            for (int64_t i = 0; i < width; i += LANES) {
                const float* from = work.v + key * work.value_step + k + i;
                store(to + key * width + i, load(from, work.value_width - k - i));
            }
        }
    }
}

// Rows of numbers, times one panel of weights, times a number for each row.
template <int ROWS, int VECTORS>
void times_panel(const float* x, int64_t x_step, int64_t channels, const float* panel, const float* factors, float* out,
                 int64_t out_step, int64_t columns) {
    constexpr int kSums = ROWS * VECTORS;
    Vector sums[kSums];
#pragma GCC unroll 24
    for (int i = 0; i < kSums; i++) {
        sums[i] = Vector{};
    }
    for (int64_t c = 0; c < channels; c++) {
        Vector weights[VECTORS];
#pragma GCC unroll 2
        for (int v = 0; v < VECTORS; v++) {
            weights[v] = load(panel + (c * VECTORS + v) * LANES);
        }
#pragma GCC unroll 12
        for (int r = 0; r < ROWS; r++) {
            const Vector value = x[r * x_step + c] - Vector{};
#pragma GCC unroll 2
            for (int v = 0; v < VECTORS; v++) {
                sums[r * VECTORS + v] += value * weights[v];
            }
        }
    }
#pragma GCC unroll 24
    for (int i = 0; i < kSums; i++) {
        store(out + i / VECTORS * out_step + i % VECTORS * LANES, sums[i] * factors[i / VECTORS], columns - i % VECTORS * LANES);
    }
}

using TimesPanel = void (*)(const float*, int64_t, int64_t, const float*, const float*, float*, int64_t, int64_t);
#define TIMES_PANEL(count) times_panel<count, 1>
#define TIMES_WIDE_PANEL(count) times_panel<count, 2>
constexpr TimesPanel kTimesPanel[] = {nullptr, COUNTS(TIMES_PANEL)};
constexpr TimesPanel kTimesWidePanel[] = {nullptr, COUNTS(TIMES_WIDE_PANEL)};

// The scores of a row, as many as vectors have, become what each key counts; returns what their sum is to be multiplied by.
inline float count_keys(float* scores, int64_t size, bool is_safe) {
    Vector largest = load(scores);
    for (int64_t i = LANES; i < size; i += LANES) {
        const Vector other = load(scores + i);
        largest = other > largest ? other : largest;
    }
    float limit = largest[0];
    for (int lane = 1; lane < LANES; lane++) {
        limit = largest[lane] > limit ? largest[lane] : limit;
    }
    limit = is_safe && limit == -__builtin_inff() ? 0 : limit;
    Vector sums = {};
    for (int64_t i = 0; i < size; i += LANES) {
        const Vector power = exponential(load(scores + i) - limit);
        store(scores + i, power);
        sums += power;
    }
    float sum = 0;
    for (int lane = 0; lane < LANES; lane++) {
        sum += sums[lane];
    }
    return is_safe && sum == 0 ? 0 : 1 / sum;
}

// Queries from `first` to before `last`, of what pack_attention left.
void attend(const Attention& work, int64_t first, int64_t last, float* scratch) {
    const AttentionScratch at(work, scratch);
    constexpr float kNever = -__builtin_inff();
    const int64_t blocks = (last - first + kMaxRows - 1) / kMaxRows;
    for (int64_t block = 0; block < blocks; block++) {
        // Of about the same size, for a block of few rows leaves the CPU waiting for its own sums.
        const int64_t row = first + (last - first) * block / blocks;
        const int64_t rows = first + (last - first) * (block + 1) / blocks - row;
        const int64_t keys = work.is_causal ? min(work.keys, row + rows) : work.keys;
        const int64_t size = (keys + LANES - 1) / LANES * LANES;
        float factors[kMaxRows];
        for (int64_t r = 0; r < rows; r++) {
            factors[r] = work.scale;
        }
        for (int64_t key = 0; key < keys; key += kPanel) {
            kTimesWidePanel[rows](work.q + row * work.query_step, work.query_step, work.width, at.keys + key * work.width, factors,
                                  at.scores + key, at.padded_keys, kPanel);
        }
        for (int64_t r = 0; r < rows; r++) {
            float* scores = at.scores + r * at.padded_keys;
            const int64_t seen = work.is_causal ? min(keys, row + r + 1) : keys;
            if (work.mask != nullptr) {
                const float* mask = work.mask + (row + r) * work.mask_row_step;
                for (int64_t i = 0; i < seen; i += LANES) {
                    store(scores + i, load(scores + i) + load(mask + i, seen - i));
                }
            }
            if (work.kept != nullptr) {
                const bool* kept = work.kept + (row + r) * work.mask_row_step;
                for (int64_t i = 0; i < seen; i++) {
                    scores[i] = kept[i] ? scores[i] : kNever;
                }
            }
            for (int64_t i = seen; i < size; i++) {
                scores[i] = kNever;
            }
            factors[r] = count_keys(scores, size, work.is_safe);
        }
        for (int64_t k = 0; k < work.value_width; k += kPanel) {
            const bool wide = work.value_width - k > LANES;
            (wide ? kTimesWidePanel : kTimesPanel)[rows](at.scores, at.padded_keys, keys, at.values + k * work.keys, factors,
                                                         work.out + row * work.out_step + k, work.out_step, work.value_width - k);
        }
    }
}

}  // namespace

}  // namespace cresset
