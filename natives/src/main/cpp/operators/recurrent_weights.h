// The weights of recurrent layers, packed for the kernels.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <tuple>
#include <vector>

#include "kernels/kernels.h"

namespace cresset::recurrent {

enum class Cell : int64_t { kLstm, kGru, kTanh, kRelu };

inline int64_t gates_of(Cell cell) { return cell == Cell::kLstm ? 4 : cell == Cell::kGru ? 3 : 1; }

// What is known of a layer, or of several on top of each other, before there is an input.
struct Form {
    Cell cell;
    bool has_bias;
    int64_t layers;
    bool bidirectional;

    int64_t directions() const { return bidirectional ? 2 : 1; }
    int64_t tensors_of_direction() const { return has_bias ? 4 : 2; }
    auto key() const { return std::tuple(cell, has_bias, layers, bidirectional); }
};

// Of one direction of a layer.
struct Direction {
    int64_t inputs;
    at::Tensor input_weights;  // as the kernel of single pixels reads them; its outputs are [group][gate][lane]
    at::Tensor input_bias;     // all of both biases that can be added to the input's products, filled up as that kernel wants it
    at::Tensor weights;        // as RecurrentStep says
    at::Tensor bias;           // the same, of a GRU
};

// Used by any number of threads.
class Weights {
 public:
    Weights(std::vector<at::Tensor> plain, Form form);

    // Whether these are weights of such a layer, in LibTorch's order, that can be packed: float32, of sizes that go together.
    static bool fit(const std::vector<at::Tensor>& plain, const Form& form);

    // Code is made of a graph several times, as LibTorch specialises it: the weights are the same.
    static std::shared_ptr<const Weights> of(std::vector<at::Tensor> plain, const Form& form);

    const std::vector<at::Tensor>& plain() const { return plain_; }
    const Form& form() const { return form_; }
    int64_t inputs() const { return plain_[0].size(1); }
    int64_t hidden() const { return plain_[1].size(1); }
    int64_t gates_width() const;  // numbers of a row of [group][gate][lane]

    const Direction& direction(int64_t layer, int64_t direction) const { return directions_[layer * form_.directions() + direction]; }

 private:
    Direction packed(const at::Tensor* plain) const;

    std::vector<at::Tensor> plain_;
    Form form_;
    std::vector<Direction> directions_;
};

}  // namespace cresset::recurrent
