// Numbers that stick out. Winograd's algorithm adds numbers to a sum that do not belong to it, and takes them out again. What is
// left of them is rounding: some millionths of *their* size. Beside a pixel that is a million times as large as its neighbours,
// or no number at all, the neighbours' sums are lost.
//
// So each sum is asked for. Its own size goes with the root of the energy (the sum of squares) of the numbers it is of, its
// error with that of all numbers that the algorithm mixes for it, and the kernels compare the two. Where the latter is more than a
// limit times the former, or beyond what transforms can hold, or not finite, they leave the sums of that tile out, and they are
// computed by their definition. Sums of zeros only are left out by themselves: there are many in images with a black border or
// of few marks, and their definition takes no multiplication.
//
// The same goes for weights, once: with those that stick out, Winograd's algorithm is not used at all.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <mutex>

namespace cresset::outliers {

// Whether some of the weights of an output are so unlike its others that transforms would lose these, or out of their range.
bool among(const at::Tensor& weight);

// Weights for sums by their definition, [row][column][channel][output] in float32, packed when they are asked for: most models never
// meet numbers that stick out but when they are tuned. Used by any number of threads.
class ReferenceWeights {
 public:
    explicit ReferenceWeights(at::Tensor plain) : plain_(std::move(plain)) {}

    at::Tensor packed();

    // Keeps them no longer than whoever computes with them now; who asks again has them packed again.
    void drop();

 private:
    at::Tensor plain_;
    std::mutex guard_;
    at::Tensor packed_;
};

}  // namespace cresset::outliers
