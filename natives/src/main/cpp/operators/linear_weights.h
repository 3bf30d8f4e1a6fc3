// The constant weights of a linear layer, packed for the kernel that multiplies with them.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <mutex>

namespace cresset {

// Used by any number of threads.
class LinearWeights {
 public:
    explicit LinearWeights(at::Tensor plain) : plain_(std::move(plain)) {}

    // Code is made of a graph several times, as LibTorch specialises it: the weights are the same.
    static std::shared_ptr<LinearWeights> of(const at::Tensor& plain);

    // [output][input], in any strides.
    const at::Tensor& plain() const { return plain_; }

    // In panels, as kernels/pointwise.h reads them; packed at the first call, for a module may have methods that nobody calls.
    const float* packed();

 private:
    at::Tensor plain_;
    std::once_flag packed_once_;
    at::Tensor packed_;
};

}  // namespace cresset
