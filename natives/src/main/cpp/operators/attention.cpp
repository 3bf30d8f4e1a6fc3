#include "operators/attention.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/scaled_dot_product_attention.h>
#include <torch/csrc/jit/ir/ir.h>
#include <torch/csrc/jit/runtime/custom_operator.h>

#include <cmath>
#include <optional>

#include "kernels/kernels.h"
#include "memory/scratch.h"
#include "operators/nodes.h"
#include "operators/parallel.h"
#include "operators/tensors.h"

namespace cresset {

namespace {

// Keys are laid out anew for each call, which is worth it for so many queries.
constexpr int64_t kFewQueries = 4;

// Arguments of scaled_dot_product_attention.
struct Arguments {
    at::Tensor query, key, value;
    std::optional<at::Tensor> mask;
    double dropout;
    bool is_causal;
    std::optional<double> scale;
    bool enable_gqa;
};

at::Tensor by_dispatch(const Arguments& of) {
    return at::scaled_dot_product_attention(of.query, of.key, of.value, of.mask, of.dropout, of.is_causal, of.scale, of.enable_gqa);
}

at::Tensor in_float(const Arguments& of) {
    if (of.query.scalar_type() != at::kBFloat16) {
        return by_dispatch(of);
    }
    auto wide = [](const at::Tensor& tensor) { return tensor.scalar_type() == at::kBFloat16 ? tensor.to(at::kFloat) : tensor; };
    const auto mask = of.mask ? std::optional<at::Tensor>(wide(*of.mask)) : std::nullopt;
    return by_dispatch({wide(of.query), wide(of.key), wide(of.value), mask, of.dropout, of.is_causal, of.scale, of.enable_gqa})
        .to(at::kBFloat16);
}

// [batch][head][row][number], with numbers one after the other.
bool is_readable(const at::Tensor& x) {
    return x.scalar_type() == at::kFloat && x.dim() == 4 && is_materialized(x) && x.numel() > 0 &&
           (x.stride(3) == 1 || x.size(3) == 1);
}

// A mask that can be read for every query and key, or nothing.
std::optional<at::Tensor> readable_mask(const at::Tensor& mask, at::IntArrayRef scores) {
    const bool known = (mask.scalar_type() == at::kFloat || mask.scalar_type() == at::kBool) && is_materialized(mask) &&
                       mask.dim() <= 4 && mask.dim() >= 2 && mask.numel() > 0;
    if (!known || !at::is_expandable_to(mask.sizes(), scores)) {
        return std::nullopt;
    }
    auto expanded = mask.expand(scores);
    return expanded.stride(3) == 1 || expanded.size(3) == 1 ? expanded : mask.contiguous().expand(scores);
}

// Undefined, where it is left to LibTorch, which also says what is wrong.
at::Tensor by_kernels(const Arguments& of) {
    const auto &q = of.query, &k = of.key, &v = of.value;
    if (of.dropout != 0 || !is_readable(q) || !is_readable(k) || !is_readable(v)) {
        return {};
    }
    const int64_t batch = q.size(0), heads = q.size(1), queries = q.size(2), width = q.size(3);
    const int64_t groups = k.size(1), keys = k.size(2), value_width = v.size(3);
    // Of another width than the values, LibTorch lays the output out in another way.
    const bool fits = k.size(0) == batch && v.size(0) == batch && k.size(3) == width && v.size(1) == groups && v.size(2) == keys &&
                      width == value_width && queries > kFewQueries && (heads == groups || of.enable_gqa) && heads % groups == 0 &&
                      !(of.mask && of.is_causal);
    if (!fits) {
        return {};
    }
    std::optional<at::Tensor> mask;
    if (of.mask && of.mask->defined()) {
        mask = readable_mask(*of.mask, {batch, heads, queries, keys});
        if (!mask || mask->stride(3) != 1) {
            return {};
        }
    }
    // As LibTorch's: what follows puts the heads behind the rows.
    const at::Tensor rows =
        at::detail::empty_cpu({batch, queries, heads, value_width}, at::kFloat, false, at::MemoryFormat::Contiguous);
    const at::Tensor out = rows.transpose(1, 2);
    Attention each{
        .queries = queries,
        .keys = keys,
        .width = width,
        .value_width = value_width,
        .query_step = q.stride(2),
        .key_step = k.stride(2),
        .value_step = v.stride(2),
        .mask_row_step = mask ? mask->stride(2) : 0,
        .out_step = out.stride(2),
        .q = nullptr,
        .k = nullptr,
        .v = nullptr,
        .mask = nullptr,
        .kept = nullptr,
        .scale = static_cast<float>(of.scale ? *of.scale : 1 / std::sqrt(static_cast<double>(width))),
        .is_causal = of.is_causal,
        .out = nullptr,
    };
    if (each.scratch_floats() > Scratch::kMaxFloats) {
        return {};
    }
    const auto at = [](const at::Tensor& x, int64_t image, int64_t head) { return image * x.stride(0) + head * x.stride(1); };
    const int64_t shared = heads / groups;
    at::parallel_for(0, batch * groups, grain_size(shared * queries * keys * width), [&](int64_t first, int64_t last) {
        const Scratch scratch(each.scratch_floats());
        for (int64_t i = first; i < last; i++) {
            const int64_t image = i / groups, group = i % groups;
            Attention work = each;
            work.k = k.const_data_ptr<float>() + at(k, image, group);
            work.v = v.const_data_ptr<float>() + at(v, image, group);
            kernels()->pack_attention(work, scratch.get());
            for (int64_t head = group * shared; head < (group + 1) * shared; head++) {
                work.q = q.const_data_ptr<float>() + at(q, image, head);
                work.out = out.mutable_data_ptr<float>() + at(out, image, head);
                if (mask && mask->scalar_type() == at::kBool) {
                    work.kept = mask->const_data_ptr<bool>() + at(*mask, image, head);
                } else if (mask) {
                    work.mask = mask->const_data_ptr<float>() + at(*mask, image, head);
                }
                kernels()->attend(work, 0, queries, scratch.get());
            }
        }
    });
    return out;
}

Arguments popped(torch::jit::Stack& stack) {
    auto in = torch::jit::pop(stack, 8);
    return {in[0].toTensor(),  in[1].toTensor(), in[2].toTensor(),           in[3].toOptional<at::Tensor>(),
            in[4].toDouble(), in[5].toBool(),   in[6].toOptional<double>(), in[7].toBool()};
}

std::string schema_of(c10::Symbol name) {
    return std::string(name.toQualString()) +
           "(Tensor query, Tensor key, Tensor value, Tensor? attn_mask=None, float dropout_p=0.0, "
           "bool is_causal=False, *, float? scale=None, bool enable_gqa=False) -> Tensor";
}

}  // namespace

bool can_compute_attention() { return kernels() != nullptr; }

void register_attention() {
    static torch::jit::RegisterOperators registered(
        {torch::jit::Operator(
             schema_of(nodes::kAttentionInFloat), [](torch::jit::Stack& stack) { stack.push_back(in_float(popped(stack))); },
             c10::AliasAnalysisKind::FROM_SCHEMA),
         torch::jit::Operator(
             schema_of(nodes::kAttention),
             [](torch::jit::Stack& stack) {
                 const auto arguments = popped(stack);
                 auto out = by_kernels(arguments);
                 stack.push_back(out.defined() ? std::move(out) : by_dispatch(arguments));
             },
             c10::AliasAnalysisKind::FROM_SCHEMA)});
}

}  // namespace cresset
