// Small questions about nodes, which passes put together to recognise what a graph computes.
#pragma once

#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/ir/ir.h>

#include <cmath>
#include <optional>

namespace cresset::match {

// The value's node, if it is of a kind that is written "aten::...".
inline torch::jit::Node* node_of(torch::jit::Value* value, const char* kind) {
    return value != nullptr && value->node()->kind() == c10::Symbol::fromQualString(kind) ? value->node() : nullptr;
}

// The number that a value is known to be. Tracing makes tensors of numbers.
inline std::optional<double> number(torch::jit::Value* value) {
    const auto constant = torch::jit::toIValue(value);
    if (!constant) {
        return std::nullopt;
    }
    if (constant->isComplexDouble()) {
        return std::nullopt;
    }
    if (constant->isScalar()) {
        return constant->toScalar().toDouble();
    }
    const bool is_number = constant->isTensor() && constant->toTensor().dim() == 0 && constant->toTensor().device().is_cpu() &&
                           !constant->toTensor().is_complex();
    return is_number ? std::optional(constant->toTensor().item().toDouble()) : std::nullopt;
}

// Equal, as far as float32 goes.
inline bool is_number(torch::jit::Value* value, double expected) {
    const auto found = number(value);
    return found && std::abs(*found - expected) <= 1e-6 * std::abs(expected);
}

// The other operand of a product or a sum of two, one of which is this number; or null.
inline torch::jit::Value* other_than(torch::jit::Node* node, double expected) {
    if (node == nullptr || node->inputs().size() < 2) {
        return nullptr;
    }
    return is_number(node->input(1), expected) ? node->input(0) : is_number(node->input(0), expected) ? node->input(1) : nullptr;
}

inline torch::jit::Value* times(torch::jit::Value* value, double factor) {
    return other_than(node_of(value, "aten::mul"), factor);
}

inline torch::jit::Value* over(torch::jit::Value* value, double divisor) {
    auto* node = node_of(value, "aten::div");
    return node != nullptr && node->inputs().size() == 2 && is_number(node->input(1), divisor) ? node->input(0) : nullptr;
}

inline bool adds_as_they_are(torch::jit::Node* node) {
    return node != nullptr && node->inputs().size() == 3 && is_number(node->input(2), 1);
}

inline torch::jit::Value* plus(torch::jit::Value* value, double number) {
    auto* node = node_of(value, "aten::add");
    return adds_as_they_are(node) ? other_than(node, number) : nullptr;
}

inline torch::jit::Value* to_the_power(torch::jit::Value* value, double exponent) {
    auto* node = node_of(value, "aten::pow");
    return node != nullptr && is_number(node->input(1), exponent) ? node->input(0) : nullptr;
}

// Of a node with two operands, the one beside this one; or null.
inline torch::jit::Value* beside(torch::jit::Node* node, torch::jit::Value* one) {
    return node->input(0) == one ? node->input(1) : node->input(1) == one ? node->input(0) : nullptr;
}

}  // namespace cresset::match
