// The steps of recurrent layers, one after the other.
#pragma once

#include <ATen/core/Tensor.h>

#include "operators/recurrent_weights.h"

namespace cresset::recurrent {

// Rows of all steps, one step after the other. None has more of them than the step before.
class Steps {
 public:
    Steps(int64_t steps, int64_t rows) {
        for (int64_t t = 0; t <= steps; t++) {
            starts_.push_back(t * rows);
        }
    }
    explicit Steps(const at::Tensor& rows_of_each) : Steps(0, 0) {
        for (int64_t t = 0; t < rows_of_each.numel(); t++) {
            starts_.push_back(starts_.back() + rows_of_each.const_data_ptr<int64_t>()[t]);
        }
    }

    // Whether so many rows can be those of the steps.
    static bool fit(const at::Tensor& rows_of_each, int64_t rows) {
        const int64_t* each = rows_of_each.const_data_ptr<int64_t>();
        int64_t sum = 0;
        for (int64_t t = 0; t < rows_of_each.numel(); t++) {
            if (each[t] <= 0 || each[t] > (t == 0 ? rows : each[t - 1])) {
                return false;
            }
            sum += each[t];
        }
        return sum == rows;
    }

    int64_t count() const { return static_cast<int64_t>(starts_.size()) - 1; }
    int64_t start(int64_t step) const { return starts_[step]; }
    int64_t rows(int64_t step) const { return step < count() ? starts_[step + 1] - starts_[step] : 0; }
    int64_t all_rows() const { return starts_.back(); }

 private:
    c10::SmallVector<int64_t, 65> starts_;
};

// The outputs of the last layer, and the states in the end; cells are of an LSTM alone.
struct Result {
    at::Tensor out, states, cells;
};

// Of all layers. x is [row][inputs], the states are [layer and direction][row][hidden], as many rows as the first step has. Works with as
// many threads as the caller has.
Result run(const Weights& weights, const Steps& steps, const at::Tensor& x, const at::Tensor& states, const at::Tensor& cells);

}  // namespace cresset::recurrent
