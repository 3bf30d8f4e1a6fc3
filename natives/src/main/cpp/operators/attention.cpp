#include "operators/attention.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/scaled_dot_product_attention.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/where.h>
#include <torch/csrc/jit/ir/ir.h>
#include <torch/csrc/jit/runtime/custom_operator.h>

#include <array>
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

// A mask's lowest number stays one: a row of infinities has no softmax.
at::Tensor narrowed_mask(const at::Tensor& mask) {
    constexpr double kLargest = 3.3895313892515355e38;
    return mask.scalar_type() == at::kFloat ? at::where(mask.isinf(), mask, mask.clamp(-kLargest, kLargest)).to(at::kBFloat16) : mask;
}

// LibTorch takes ten times as long for it in bfloat16, but where the CPU multiplies matrices of that: there it takes half as long.
at::Tensor in_float(const Arguments& of) {
    if (of.query.scalar_type() != at::kBFloat16) {
        return by_dispatch(of);
    }
    if (has_bfloat16_tiles()) {
        const auto mask = of.mask ? std::optional<at::Tensor>(narrowed_mask(*of.mask)) : std::nullopt;
        const auto key = of.key.to(at::kBFloat16), value = of.value.to(at::kBFloat16);
        return by_dispatch({of.query, key, value, mask, of.dropout, of.is_causal, of.scale, of.enable_gqa});
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

// What the kernels are told besides the tensors.
struct Rules {
    float scale;
    bool is_causal;
    bool is_safe;
    bool in_rows;  // the output has the heads behind one another in its memory, [batch][row][head][number]
};

// Undefined, where it is left to LibTorch, which also says what is wrong. The mask may be undefined.
at::Tensor by_kernels(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, const at::Tensor& wanted_mask, const Rules& rules) {
    if (!is_readable(q) || !is_readable(k) || !is_readable(v)) {
        return {};
    }
    const int64_t batch = q.size(0), heads = q.size(1), queries = q.size(2), width = q.size(3);
    const int64_t groups = k.size(1), keys = k.size(2), value_width = v.size(3);
    const bool fits = k.size(0) == batch && v.size(0) == batch && k.size(3) == width && v.size(1) == groups && v.size(2) == keys &&
                      queries > kFewQueries && heads % groups == 0;
    if (!fits) {
        return {};
    }
    std::optional<at::Tensor> mask;
    if (wanted_mask.defined()) {
        mask = readable_mask(wanted_mask, {batch, heads, queries, keys});
        if (!mask || mask->stride(3) != 1) {
            return {};
        }
    }
    const auto sizes = rules.in_rows ? std::array{batch, queries, heads, value_width} : std::array{batch, heads, queries, value_width};
    const at::Tensor memory = at::detail::empty_cpu(sizes, at::kFloat, false, at::MemoryFormat::Contiguous);
    const at::Tensor out = rules.in_rows ? memory.transpose(1, 2) : memory;
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
        .scale = rules.scale,
        .is_causal = rules.is_causal,
        .is_safe = rules.is_safe,
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

at::Tensor attention(const Arguments& of) {
    const auto &q = of.query, &k = of.key, &v = of.value;
    // Where values are of another width, LibTorch lays the output out in another way.
    const bool fits = of.dropout == 0 && q.dim() == 4 && k.dim() == 4 && v.dim() == 4 && q.size(3) == v.size(3) &&
                      (q.size(1) == k.size(1) || of.enable_gqa) && !(of.mask && of.is_causal);
    if (fits) {
        const auto scale = static_cast<float>(of.scale ? *of.scale : 1 / std::sqrt(static_cast<double>(q.size(3))));
        auto out = by_kernels(q, k, v, of.mask.value_or(at::Tensor()), {scale, of.is_causal, /* is_safe= */ true, /* in_rows= */ true});
        if (out.defined()) {
            return out;
        }
    }
    return by_dispatch(of);
}

// softmax(query * key * factor + mask) * value, of keys that lie in columns; the factor is multiplied by or divided by.
struct Spelled {
    double factor;
    bool divides;
    int64_t dim;  // that softmax is of
    bool in_rows;

    at::Tensor operator()(const at::Tensor& query, const at::Tensor& columns, const at::Tensor& value, const at::Tensor& mask) const {
        const int64_t rank = query.dim();
        const bool fits = (rank == 3 || rank == 4) && columns.dim() == rank && value.dim() == rank && (dim == -1 || dim == rank - 1) &&
                          !(mask.defined() && mask.scalar_type() != at::kFloat) && query.size(rank - 3) == columns.size(rank - 3);
        if (fits) {
            const auto four = [&](const at::Tensor& x) { return rank == 4 ? x : x.unsqueeze(0); };
            auto keys = four(columns).transpose(2, 3);
            keys = keys.stride(3) == 1 ? keys : keys.contiguous();
            auto queries = four(query), values = four(value);
            queries = queries.stride(3) == 1 ? queries : queries.contiguous();
            values = values.stride(3) == 1 ? values : values.contiguous();
            const auto scale = static_cast<float>(divides ? 1 / factor : factor);
            auto out = by_kernels(queries, keys, values, mask, {scale, false, /* is_safe= */ false, in_rows && rank == 4});
            if (out.defined()) {
                return rank == 4 ? out : out.squeeze(0);
            }
        }
        auto scores = at::matmul(query, columns);
        if (factor != 1) {
            scores = divides ? scores.div(factor) : scores.mul(factor);
        }
        if (mask.defined()) {
            scores = scores.add(mask);
        }
        return at::matmul(at::softmax(scores, dim), value);
    }
};

torch::jit::Operation spelled_attention_of(const torch::jit::Node* node) {
    const Spelled attention{node->f(nodes::kFactor), node->i(nodes::kDivides) != 0, node->i(nodes::kDim), node->i(nodes::kInRows) != 0};
    const bool has_mask = node->inputs().size() == 4;
    return [attention, has_mask](torch::jit::Stack& stack) {
        const at::Tensor mask = has_mask ? torch::jit::pop(stack).toTensor() : at::Tensor();
        const auto value = torch::jit::pop(stack).toTensor(), columns = torch::jit::pop(stack).toTensor();
        stack.back() = attention(stack.back().toTensor(), columns, value, mask);
    };
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
             schema_of(nodes::kAttention), [](torch::jit::Stack& stack) { stack.push_back(attention(popped(stack))); },
             c10::AliasAnalysisKind::FROM_SCHEMA),
         torch::jit::Operator(
             nodes::kSpelledAttention, torch::jit::OperationCreator(spelled_attention_of), c10::AliasAnalysisKind::PURE_FUNCTION)});
}

}  // namespace cresset
