// Linear layers of bfloat16, by oneDNN: of constant weights, which are laid out for it once. Where a CPU multiplies matrices of
// bfloat16, that takes an eighth of the time of float32.
#pragma once

#include <ATen/core/List.h>
#include <ATen/core/Tensor.h>

#include <memory>
#include <mutex>
#include <optional>

#include "kernels/kernels.h"

namespace cresset {

// Used by any number of threads.
class ReducedLinearWeights {
 public:
    explicit ReducedLinearWeights(at::Tensor plain) : plain_(std::move(plain)) {}

    // Code is made of a graph several times, as LibTorch specialises it: the weights are the same.
    static std::shared_ptr<ReducedLinearWeights> of(const at::Tensor& plain);

    // [output][input], in any strides.
    const at::Tensor& plain() const { return plain_; }

    // As oneDNN wants them for that many rows; packed at the first call, for a module may have methods that nobody calls.
    const at::Tensor& packed(int64_t rows);

 private:
    at::Tensor plain_;
    std::once_flag packed_once_;
    at::Tensor packed_;
};

class ReducedLinear {
 public:
    ReducedLinear(std::shared_ptr<ReducedLinearWeights> weights, std::optional<at::Tensor> bias, Activation activation);

    // Whether there is a oneDNN to leave them to, and a CPU that has numbers of bfloat16.
    static bool can_compute();

    // The sum of the layer and `added`; undefined, if there is nothing to add.
    at::Tensor operator()(const at::Tensor& input, const at::Tensor& added) const;

 private:
    std::shared_ptr<ReducedLinearWeights> weights_;
    std::optional<at::Tensor> bias_;
    Activation activation_;
    c10::List<std::optional<at::Scalar>> no_scalars_;
};

}  // namespace cresset
