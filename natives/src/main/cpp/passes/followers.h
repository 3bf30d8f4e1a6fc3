// What follows a node and can be computed with it.
#pragma once

#include <torch/csrc/jit/ir/ir.h>

#include <optional>
#include <utility>

#include "kernels/kernels.h"

namespace cresset {

// The one node of the same block that uses what a node computes; or null.
torch::jit::Node* only_user(torch::jit::Node* node);

// Whether a value is the number one.
bool is_one(torch::jit::Value* value);

// The activation that a node computes, if it is one of ours. The node may be null.
Activation activation_of(torch::jit::Node* node);

// The other addend, if a node, which may be null, adds two tensors as they are, and `sum` is one of them.
torch::jit::Value* addend(torch::jit::Node* node, torch::jit::Value* sum);

// A number for each of so many channels, if the value is a constant of them.
std::optional<at::Tensor> constant_row(torch::jit::Value* value, int64_t size, at::ScalarType numbers = at::kFloat);

// What a batch norm multiplies its channels by, and adds; nothing, if the node, which may be null, is none of so many constants.
std::optional<std::pair<at::Tensor, at::Tensor>> norm_in(torch::jit::Node* node, int64_t channels);

// Whether a node writes to a tensor that it is given.
bool writes_in_place(const torch::jit::Node* node);

}  // namespace cresset
