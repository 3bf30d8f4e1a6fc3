// What follows a node and can be computed with it.
#pragma once

#include <torch/csrc/jit/ir/ir.h>

#include "kernels/kernels.h"

namespace cresset {

// The one node of the same block that uses what a node computes; or null.
torch::jit::Node* only_user(torch::jit::Node* node);

// The activation that a node computes, if it is one of ours. The node may be null.
Activation activation_of(torch::jit::Node* node);

// The other addend, if a node, which may be null, adds two tensors as they are, and `sum` is one of them.
torch::jit::Value* addend(torch::jit::Node* node, torch::jit::Value* sum);

// Whether a node writes to a tensor that it is given.
bool writes_in_place(const torch::jit::Node* node);

}  // namespace cresset
