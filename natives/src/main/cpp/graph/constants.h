// Constants among a node's inputs.
#pragma once

#include <torch/csrc/jit/ir/ir.h>

#include <cstdint>
#include <optional>
#include <vector>

namespace cresset {

// The tensor that a value is known to be, if it is a constant one.
std::optional<at::Tensor> constant_tensor(torch::jit::Value* value);

// The integers that a value is known to be, if it is a constant list of them.
std::optional<std::vector<int64_t>> constant_integers(torch::jit::Value* value);

// A number for each axis, of as many or of one that counts for all, none of them less than `min`.
std::optional<std::vector<int64_t>> constant_by_axis(torch::jit::Value* value, size_t axes, int64_t min);

// For the two of an image.
std::optional<std::vector<int64_t>> constant_pair(torch::jit::Value* value, int64_t min);

}  // namespace cresset
