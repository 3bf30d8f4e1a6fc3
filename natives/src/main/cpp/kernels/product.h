// Matrices that are no weights, laid out for products as weights are.
#pragma once

#include "kernels/attention.h"
#include "kernels/kernels.h"
#include "kernels/vectors.h"

namespace cresset {

namespace {

void pack_matrix(const Matrix& matrix, float* out) {
    for (int64_t first = 0; first < matrix.columns; first += kPanel) {
        const int64_t left = matrix.columns - first, width = left > LANES ? kPanel : LANES;
        float* to = out + first * matrix.rows;
        for (int64_t i = 0; i < width; i += LANES) {
            const int64_t columns = max(min(LANES, left - i), 0);
            const float* from = matrix.x + (first + i) * matrix.column_step;
            if (matrix.column_step == 1) {
                for (int64_t k = 0; k < matrix.rows; k++) {
                    store(to + k * width + i, columns > 0 ? load(from + k * matrix.row_step, columns) : Vector{});
                }
                continue;
            }
            for (int64_t k = 0; k < matrix.rows; k += LANES) {
                const int64_t count = min(LANES, matrix.rows - k);
                Vector rows[LANES];
#pragma GCC unroll 16
                for (int j = 0; j < LANES; j++) {
                    rows[j] = j < columns ? load(from + j * matrix.column_step + k, count) : Vector{};
                }
                transpose(rows);
                for (int64_t j = 0; j < count; j++) {
                    store(to + (k + j) * width + i, rows[j]);
                }
            }
        }
    }
}

}  // namespace

}  // namespace cresset
