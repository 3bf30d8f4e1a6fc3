// Biases as kernels read them.
#pragma once

#include <ATen/core/Tensor.h>
#include <ATen/ops/zeros.h>

#include <cstdint>
#include <optional>

#include "operators/parallel.h"

namespace cresset {

// What a bias is padded to a multiple of, so that kernels read whole vectors.
constexpr int64_t kBiasMultiple = 64;

// A number for each output, in float32, with zeros behind; nothing but zeros, if there is no bias.
inline at::Tensor padded_bias(const std::optional<at::Tensor>& bias, int64_t outputs) {
    at::Tensor padded = at::zeros({round_up(outputs, kBiasMultiple)}, at::kFloat);
    if (bias) {
        padded.narrow(0, 0, outputs).copy_(*bias);
    }
    return padded;
}

}  // namespace cresset
