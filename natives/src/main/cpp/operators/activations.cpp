#include "operators/activations.h"

#include <ATen/ops/elu.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/hardsigmoid.h>
#include <ATen/ops/hardswish.h>
#include <ATen/ops/hardtanh.h>
#include <ATen/ops/leaky_relu.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/selu.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/silu.h>
#include <ATen/ops/tanh.h>
#include <torch/csrc/jit/ir/ir.h>
#include <torch/csrc/jit/runtime/custom_operator.h>

#include "operators/nodes.h"
#include "operators/parallel.h"
#include "operators/tensors.h"

namespace cresset {

namespace {

constexpr int64_t kWork = 16;  // of one number, in multiplications

bool are_reduced_numbers(const at::Tensor& x) {
    return x.scalar_type() == at::kBFloat16 && kernels() != nullptr && is_plain_memory(x) && x.is_non_overlapping_and_dense();
}

}  // namespace

at::Tensor activated(at::Tensor x, Activation activation) {
    if (activation != Activation::kNone && are_reduced_numbers(x)) {
        auto* numbers = static_cast<at::BFloat16*>(x.mutable_data_ptr());
        at::parallel_for(0, x.numel(), grain_size(kWork), [&](int64_t first, int64_t last) {
            kernels()->activate_bfloat16(numbers + first, last - first, activation, numbers + first);
        });
        return x;
    }
    switch (kind_of(activation)) {
        case Activation::kRelu:
            return at::relu_(x);
        case Activation::kRelu6:
            return at::hardtanh_(x, 0, 6);
        case Activation::kHardswish:
            return at::hardswish_(x);
        case Activation::kHardsigmoid:
            return at::hardsigmoid_(x);
        case Activation::kSilu:
            return at::silu_(x);
        case Activation::kSigmoid:
            return at::sigmoid_(x);
        case Activation::kGelu:
        case Activation::kGeluErf:
            return at::gelu_(x);
        case Activation::kGeluTanh:
            return at::gelu_(x, "tanh");
        case Activation::kTanh:
            return at::tanh_(x);
        case Activation::kSelu:
            return at::selu_(x);
        case Activation::kElu:
            return at::elu_(x, number_of(activation));
        case Activation::kLeakyRelu:
            return at::leaky_relu_(x, number_of(activation));
        case Activation::kNone:
            break;
    }
    return x;
}

namespace {

at::Tensor computed(const at::Tensor& input, Activation activation) {
    if (input.scalar_type() != at::kFloat || !is_materialized(input) || input.numel() == 0) {
        return activated(input.clone(), activation);
    }
    const auto format = input.suggest_memory_format();
    const at::Tensor x = input.contiguous(format);
    const at::Tensor out = at::detail::empty_cpu(x.sizes(), at::kFloat, false, format);
    const float* from = x.const_data_ptr<float>();
    float* to = out.mutable_data_ptr<float>();
    at::parallel_for(0, x.numel(), grain_size(kWork), [&](int64_t first, int64_t last) {
        kernels()->activate(from + first, last - first, activation, to + first);
    });
    return out;
}

}  // namespace

void register_activations() {
    static torch::jit::RegisterOperators registered({torch::jit::Operator(
        nodes::kActivated,
        [](const torch::jit::Node* node) -> torch::jit::Operation {
            const auto activation = static_cast<Activation>(node->i(nodes::kActivation));
            return [activation](torch::jit::Stack& stack) { stack.back() = computed(stack.back().toTensor(), activation); };
        },
        c10::AliasAnalysisKind::PURE_FUNCTION)});
}

}  // namespace cresset
