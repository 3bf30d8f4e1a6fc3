// What LibTorch's element-wise operators are, as steps of our own.
#pragma once

#include <torch/csrc/jit/ir/ir.h>

#include <optional>
#include <unordered_map>
#include <vector>

#include "operators/nodes.h"

namespace cresset {

// Steps, written down as nodes.h says.
class ElementwiseSteps {
 public:
    // Adds what a node computes. False where it is not element-wise, or not one of ours, or too much: these steps are of no use then.
    bool add(torch::jit::Node* node);

    // The values that are read, without those that a node before has computed. In the order of the leaves' inputs.
    const std::vector<torch::jit::Value*>& inputs() const { return inputs_; }

    // Whether the last node's answer is a mask.
    bool is_mask() const { return is_mask_; }

    // Whether there are no more blocks in the works than an operator has room for.
    bool fits() const;

    void write(torch::jit::Node* node) const;

 private:
    struct Operand {
        enum class Kind { kLeaf, kNumber, kStep } kind;
        int64_t index;
    };
    using Operands = std::vector<std::optional<Operand>>;

    std::optional<Operand> read(torch::jit::Value* value, nodes::Reading reading = nodes::Reading::kNumbers, int64_t dimension = 0);
    std::optional<Operand> number_of(torch::jit::Value* value);
    Operand number(double value, bool is_double_tensor = false);
    Operand constant(const at::Tensor& tensor, nodes::Reading reading);
    std::optional<Operand> step(Elementwise kind, const Operands& operands, Activation activation = Activation::kNone);
    std::optional<Operand> clamped(torch::jit::Value* value, torch::jit::Value* least, torch::jit::Value* most);
    std::optional<Operand> power(torch::jit::Value* value, torch::jit::Value* exponent);
    std::optional<Operand> sum(torch::jit::Node* node);
    std::optional<Operand> normalized(torch::jit::Node* node);
    std::optional<Operand> computed(torch::jit::Node* node);

    struct Step {
        Elementwise kind;
        Activation activation;
        std::vector<Operand> operands;
    };
    struct Leaf {
        torch::jit::Value* value;  // or null, for a constant
        int64_t input;             // or -1 - i for the i-th constant
        nodes::Reading reading;
        int64_t dimension;
    };

    std::vector<torch::jit::Value*> inputs_;
    std::vector<Leaf> leaves_;
    std::vector<double> numbers_;
    std::vector<int64_t> doubles_;
    std::vector<at::Tensor> constants_;
    std::vector<Step> steps_;
    std::unordered_map<torch::jit::Value*, std::pair<Operand, bool>> computed_;  // and whether it is a mask
    bool is_mask_ = false;
};

}  // namespace cresset
