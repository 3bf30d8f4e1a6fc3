// What nodes of normalisations hold: weights and biases, which they may lack.
#pragma once

#include <ATen/core/Tensor.h>
#include <torch/csrc/jit/ir/ir.h>

#include <cstdint>
#include <optional>
#include <vector>

namespace cresset {

inline std::optional<at::Tensor> tensor_of(const torch::jit::Node* node, c10::Symbol name) {
    return node->hasAttribute(name) ? std::optional(node->t(name)) : std::nullopt;
}

// One for each of `count` channels.
inline std::vector<float> numbers_of(const std::optional<at::Tensor>& x, int64_t count, float otherwise) {
    if (!x) {
        return std::vector<float>(count, otherwise);
    }
    const at::Tensor plain = x->to(at::kFloat).contiguous();
    return {plain.const_data_ptr<float>(), plain.const_data_ptr<float>() + count};
}

}  // namespace cresset
