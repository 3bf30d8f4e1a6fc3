#include "operators/linear.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/add.h>
#include <ATen/ops/batch_norm.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>
#include <torch/csrc/jit/ir/ir.h>
#include <torch/csrc/jit/runtime/custom_operator.h>

#include <memory>
#include <optional>

#include "kernels/kernels.h"
#include "operators/activations.h"
#include "operators/linear_weights.h"
#include "operators/nodes.h"
#include "operators/parallel.h"
#include "operators/reduced_linear.h"
#include "operators/tensors.h"

namespace cresset {

namespace {

class Linear {
 public:
    Linear(std::shared_ptr<LinearWeights> weights, std::optional<at::Tensor> bias, Activation activation)
        : weights_(std::move(weights)), bias_(std::move(bias)), activation_(activation) {
        const int64_t outputs = weights_->plain().size(0);
        padded_bias_ = at::zeros({round_up(outputs, kernels()->panel)}, at::kFloat);
        if (bias_) {
            padded_bias_.narrow(0, 0, outputs).copy_(*bias_);
        }
    }

    // The sum of the layer and `added`, which is written over if it is nobody else's; undefined, if there is nothing to add.
    at::Tensor operator()(const at::Tensor& input, at::Tensor added) const {
        const int64_t outputs = weights_->plain().size(0);
        const int64_t inputs = weights_->plain().size(1);
        const bool fits = input.scalar_type() == at::kFloat && is_materialized(input) && input.dim() > 0 && input.numel() > 0 &&
                          input.size(-1) == inputs;
        if (!fits) {
            return by_dispatch(input, added);  // which also says what is wrong with it
        }
        c10::SmallVector<int64_t, 5> sizes(input.sizes().begin(), input.sizes().end());
        sizes.back() = outputs;
        const bool adds = added.defined();
        if (adds && !(is_contiguous_float(added) && added.sizes() == at::IntArrayRef(sizes))) {
            return by_dispatch(input, added);
        }
        const auto x = input.expect_contiguous();
        const at::Tensor out = adds && is_exclusive(added)
                                   ? added
                                   : at::detail::empty_cpu(sizes, at::kFloat, false, at::MemoryFormat::Contiguous);
        const Pointwise work{
            .channels = inputs,
            .outputs = outputs,
            .x = x->const_data_ptr<float>(),
            .weights = weights_->packed(),
            .bias = padded_bias_.const_data_ptr<float>(),
            .added = float_data(added),
            .out = out.mutable_data_ptr<float>(),
            .activation = activation_,
        };
        at::parallel_for(0, input.numel() / inputs, grain_size(inputs * outputs),
                         [&](int64_t first, int64_t last) { kernels()->pointwise(work, first, last); });
        return out;
    }

 private:
    at::Tensor by_dispatch(const at::Tensor& x, const at::Tensor& added) const {
        auto out = at::linear(x, weights_->plain(), bias_);
        return activated(added.defined() ? at::add(out, added) : out, activation_);
    }

    std::shared_ptr<LinearWeights> weights_;
    std::optional<at::Tensor> bias_;
    at::Tensor padded_bias_;  // with zeros behind
    Activation activation_;
};

// A layer with a batch norm behind. That is one layer, where rows are all that there is; of more dimensions, the second one is normed.
class NormedLinear {
 public:
    NormedLinear(const at::Tensor& weight, const std::optional<at::Tensor>& bias, at::Tensor scale, at::Tensor shift,
                 Activation activation)
        : folded_(LinearWeights::of(weight * scale.unsqueeze(1)), bias ? *bias * scale + shift : shift, activation),
          plain_(LinearWeights::of(weight), bias, Activation::kNone),
          scale_(std::move(scale)),
          shift_(std::move(shift)),
          activation_(activation) {}

    at::Tensor operator()(const at::Tensor& input) const {
        if (input.dim() == 2) {
            return folded_(input, at::Tensor());
        }
        const auto zeros = at::zeros_like(scale_), ones = at::ones_like(scale_);
        const auto out = plain_(input, at::Tensor());
        return activated(at::batch_norm(out, scale_, shift_, zeros, ones, /* training= */ false, 0, /* eps= */ 0, false), activation_);
    }

 private:
    Linear folded_, plain_;
    at::Tensor scale_, shift_;
    Activation activation_;
};

// Code that calls a layer with what is on the stack.
template <typename Layer>
torch::jit::Operation calling(std::shared_ptr<Layer> layer, const torch::jit::Node* node) {
    if (node->inputs().size() == 1) {
        return [layer](torch::jit::Stack& stack) { stack.back() = (*layer)(stack.back().toTensor(), at::Tensor()); };
    }
    return [layer](torch::jit::Stack& stack) {
        auto added = torch::jit::pop(stack).toTensor();
        stack.back() = (*layer)(stack.back().toTensor(), std::move(added));
    };
}

// Weights belong to the node and not to the stack: two threads that push one tensor wait for each other at its count of references.
torch::jit::Operation linear_of(const torch::jit::Node* node) {
    const auto bias = node->hasAttribute(nodes::kBias) ? std::optional<at::Tensor>(node->t(nodes::kBias)) : std::nullopt;
    const auto activation = static_cast<Activation>(node->i(nodes::kActivation));
    if (node->hasAttribute(nodes::kNormScale)) {
        auto linear = std::make_shared<NormedLinear>(node->t(nodes::kWeight), bias, node->t(nodes::kNormScale),
                                                     node->t(nodes::kNormShift), activation);
        return [linear](torch::jit::Stack& stack) { stack.back() = (*linear)(stack.back().toTensor()); };
    }
    const auto weight = node->t(nodes::kWeight);
    return weight.scalar_type() == at::kBFloat16
               ? calling(std::make_shared<ReducedLinear>(ReducedLinearWeights::of(weight), bias, activation), node)
               : calling(std::make_shared<Linear>(LinearWeights::of(weight), bias, activation), node);
}

}  // namespace

bool can_compute_linear() { return kernels() != nullptr; }

void register_linear() {
    static torch::jit::RegisterOperators registered({torch::jit::Operator(
        // Declared without a schema: of two operators with one schema in a function, the interpreter keeps the first.
        nodes::kLinear, torch::jit::OperationCreator(linear_of), c10::AliasAnalysisKind::PURE_FUNCTION)});
}

}  // namespace cresset
