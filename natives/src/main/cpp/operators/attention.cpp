#include "operators/attention.h"

#include <ATen/ops/scaled_dot_product_attention.h>
#include <torch/csrc/jit/runtime/custom_operator.h>

#include <optional>

#include "operators/nodes.h"

namespace cresset {

namespace {

at::Tensor attention(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value, const std::optional<at::Tensor>& mask,
                     double dropout, bool is_causal, std::optional<double> scale, bool enable_gqa) {
    if (query.scalar_type() != at::kBFloat16) {
        return at::scaled_dot_product_attention(query, key, value, mask, dropout, is_causal, scale, enable_gqa);
    }
    auto wide = [](const at::Tensor& tensor) { return tensor.scalar_type() == at::kBFloat16 ? tensor.to(at::kFloat) : tensor; };
    const auto wide_mask = mask ? std::optional<at::Tensor>(wide(*mask)) : std::nullopt;
    return at::scaled_dot_product_attention(wide(query), wide(key), wide(value), wide_mask, dropout, is_causal, scale, enable_gqa)
        .to(at::kBFloat16);
}

}  // namespace

void register_attention() {
    static torch::jit::RegisterOperators registered({torch::jit::Operator(
        std::string(nodes::kAttention.toQualString()) +
            "(Tensor query, Tensor key, Tensor value, Tensor? attn_mask=None, float dropout_p=0.0, "
            "bool is_causal=False, *, float? scale=None, bool enable_gqa=False) -> Tensor",
        [](torch::jit::Stack& stack) {
            auto in = torch::jit::pop(stack, 8);
            stack.push_back(attention(in[0].toTensor(), in[1].toTensor(), in[2].toTensor(), in[3].toOptional<at::Tensor>(),
                                      in[4].toDouble(), in[5].toBool(), in[6].toOptional<double>(), in[7].toBool()));
        },
        c10::AliasAnalysisKind::FROM_SCHEMA)});
}

}  // namespace cresset
