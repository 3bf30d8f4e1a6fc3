#include "operators/attention.h"

#include <ATen/ops/scaled_dot_product_attention.h>
#include <torch/csrc/jit/runtime/custom_operator.h>

#include <optional>
#include <vector>

namespace cresset {

namespace {

const auto& of_libtorch() {
    static const auto symbol = c10::Symbol::fromQualString("aten::scaled_dot_product_attention");
    return symbol;
}

const auto& in_float() {
    static const auto symbol = c10::Symbol::fromQualString("cresset::attention_in_float");
    return symbol;
}

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

void replace(torch::jit::Block* block) {
    const std::vector<torch::jit::Node*> nodes(block->nodes().begin(), block->nodes().end());
    for (auto* node : nodes) {
        for (auto* inner : node->blocks()) {
            replace(inner);
        }
        if (node->kind() == of_libtorch()) {
            node->replaceWithNewSymbol(in_float());
            node->destroy();
        }
    }
}

}  // namespace

void register_attention() {
    static torch::jit::RegisterOperators registered({torch::jit::Operator(
        "cresset::attention_in_float(Tensor query, Tensor key, Tensor value, Tensor? attn_mask=None, float dropout_p=0.0, "
        "bool is_causal=False, *, float? scale=None, bool enable_gqa=False) -> Tensor",
        [](torch::jit::Stack& stack) {
            auto in = torch::jit::pop(stack, 8);
            stack.push_back(attention(in[0].toTensor(), in[1].toTensor(), in[2].toTensor(), in[3].toOptional<at::Tensor>(),
                                      in[4].toDouble(), in[5].toBool(), in[6].toOptional<double>(), in[7].toBool()));
        },
        c10::AliasAnalysisKind::FROM_SCHEMA)});
}

void attend_in_float(torch::jit::Graph& graph) { replace(graph.block()); }

}  // namespace cresset
