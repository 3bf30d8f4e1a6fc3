#include "operators/layer_norm.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/layer_norm.h>
#include <ATen/ops/mean.h>
#include <ATen/ops/pow.h>
#include <ATen/ops/rsqrt.h>
#include <torch/csrc/jit/ir/ir.h>
#include <torch/csrc/jit/runtime/custom_operator.h>

#include <optional>

#include "kernels/kernels.h"
#include "operators/nodes.h"
#include "operators/parallel.h"
#include "operators/tensors.h"

namespace cresset {

namespace {

class RowNorm {
 public:
    explicit RowNorm(const torch::jit::Node* node)
        : centers_(node->kind() == nodes::kLayerNorm), width_(node->i(nodes::kWindow)), eps_(node->f(nodes::kEpsilon)) {
        if (node->hasAttribute(nodes::kWeight)) {
            weight_ = node->t(nodes::kWeight);
        }
        if (node->hasAttribute(nodes::kBias)) {
            bias_ = node->t(nodes::kBias);
        }
        if (!centers_) {
            squares_in_float_ = node->i(nodes::kSquaresInFloat) != 0;
            all_in_float_ = node->i(nodes::kAllInFloat) != 0;
        }
    }

    at::Tensor operator()(const at::Tensor& input) const {
        const bool fits = input.scalar_type() == at::kFloat && is_materialized(input) && input.dim() > 0 && input.numel() > 0 &&
                          input.size(-1) == width_;
        if (!fits) {
            return by_dispatch(input);
        }
        const auto x = input.expect_contiguous();
        const at::Tensor out = at::detail::empty_cpu(input.sizes(), at::kFloat, false, at::MemoryFormat::Contiguous);
        const Norm work{
            .width = width_,
            .centers = centers_,
            .eps = static_cast<float>(eps_),
            .x = x->const_data_ptr<float>(),
            .weight = float_data(weight_),
            .bias = float_data(bias_),
            .out = out.mutable_data_ptr<float>(),
        };
        at::parallel_for(0, input.numel() / width_, grain_size(width_),
                         [&](int64_t first, int64_t last) { kernels()->normalize(work, first, last); });
        return out;
    }

 private:
    static std::optional<at::Tensor> optional(const at::Tensor& x) { return x.defined() ? std::optional(x) : std::nullopt; }

    // Which also says what is wrong.
    at::Tensor by_dispatch(const at::Tensor& x) const {
        if (centers_) {
            return at::layer_norm(x, {width_}, optional(weight_), optional(bias_), eps_, false);
        }
        const at::Tensor numbers = all_in_float_ ? x.to(at::kFloat) : x;
        const at::Tensor squares = at::pow(squares_in_float_ ? x.to(at::kFloat) : x, 2);
        const at::Tensor out = numbers * at::rsqrt(at::mean(squares, {-1}, true) + eps_);
        return weight_.defined() ? weight_ * out : out;
    }

    bool centers_;
    int64_t width_;
    double eps_;
    bool squares_in_float_ = false, all_in_float_ = false;
    at::Tensor weight_, bias_;
};

torch::jit::Operation norm_of(const torch::jit::Node* node) {
    return [norm = RowNorm(node)](torch::jit::Stack& stack) { stack.back() = norm(stack.back().toTensor()); };
}

}  // namespace

void register_layer_norm() {
    static torch::jit::RegisterOperators registered(
        {torch::jit::Operator(nodes::kLayerNorm, torch::jit::OperationCreator(norm_of), c10::AliasAnalysisKind::PURE_FUNCTION),
         torch::jit::Operator(nodes::kRmsNorm, torch::jit::OperationCreator(norm_of), c10::AliasAnalysisKind::PURE_FUNCTION)});
}

}  // namespace cresset
