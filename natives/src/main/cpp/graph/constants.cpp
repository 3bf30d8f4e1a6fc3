#include "graph/constants.h"

#include <torch/csrc/jit/ir/constants.h>

#include <algorithm>

namespace cresset {

std::optional<at::Tensor> constant_tensor(torch::jit::Value* value) {
    const auto found = torch::jit::toIValue(value);
    return found && found->isTensor() ? std::optional(found->toTensor()) : std::nullopt;
}

std::optional<std::vector<int64_t>> constant_integers(torch::jit::Value* value) {
    const auto found = torch::jit::toIValue(value);
    return found && found->isIntList() ? std::optional(found->toIntVector()) : std::nullopt;
}

std::optional<std::vector<int64_t>> constant_by_axis(torch::jit::Value* value, size_t axes, int64_t min) {
    auto numbers = constant_integers(value);
    if (!numbers) {
        return std::nullopt;
    }
    if (numbers->size() == 1) {
        numbers->resize(axes, numbers->front());
    }
    const bool are_known = numbers->size() == axes && *std::min_element(numbers->begin(), numbers->end()) >= min;
    return are_known ? numbers : std::nullopt;
}

std::optional<std::vector<int64_t>> constant_pair(torch::jit::Value* value, int64_t min) { return constant_by_axis(value, 2, min); }

}  // namespace cresset
