#include "operators/indexing.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/gather.h>
#include <ATen/ops/index.h>
#include <ATen/ops/index_add.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/scatter_add.h>
#include <torch/csrc/jit/ir/ir.h>
#include <torch/csrc/jit/runtime/custom_operator.h>

#include <cstring>
#include <utility>

#include "kernels/kernels.h"
#include "operators/nodes.h"
#include "operators/parallel.h"
#include "operators/tensors.h"

namespace cresset {

namespace {

// With several threads, LibTorch adds so many numbers in parallel.
constexpr int64_t kMostAddedAlone = 64 * 1024;

bool are_indexes(const at::Tensor& x) { return x.scalar_type() == at::kLong && is_materialized(x); }

bool are_between(const int64_t* indexes, int64_t count, int64_t first, int64_t last) {
    bool fit = true;
    for (int64_t i = 0; i < count; i++) {
        fit = fit && indexes[i] >= first && indexes[i] < last;
    }
    return fit;
}

at::Tensor rows_by_dispatch(const at::Tensor& x, const at::Tensor& indexes, bool counts_from_end) {
    return counts_from_end ? at::index(x, {std::optional(indexes)}) : at::index_select(x, 0, indexes);
}

at::Tensor rows_of(const at::Tensor& input, const at::Tensor& where, bool counts_from_end) {
    const bool fits = is_materialized(input) && !input.is_complex() && !input.is_quantized() && input.dim() > 0 && input.numel() > 0 &&
                      are_indexes(where) && where.numel() > 0 && (counts_from_end || where.dim() == 1);
    if (!fits) {
        return rows_by_dispatch(input, where, counts_from_end);
    }
    const auto x = input.expect_contiguous(), indexes = where.expect_contiguous();
    const int64_t rows = input.size(0), count = where.numel();
    const auto* which = indexes->const_data_ptr<int64_t>();
    if (!are_between(which, count, counts_from_end ? -rows : 0, rows)) {
        return rows_by_dispatch(input, where, counts_from_end);  // which says what is wrong
    }
    c10::SmallVector<int64_t, 6> sizes(where.sizes().begin(), where.sizes().end());
    sizes.append(input.sizes().begin() + 1, input.sizes().end());
    const at::Tensor out = at::detail::empty_cpu(sizes, input.scalar_type(), false, at::MemoryFormat::Contiguous);
    const int64_t bytes = input.numel() / rows * static_cast<int64_t>(input.itemsize());
    const auto* from = static_cast<const char*>(x->const_data_ptr());
    auto* to = static_cast<char*>(out.mutable_data_ptr());
    at::parallel_for(0, count, grain_size(bytes), [&](int64_t first, int64_t last) {
        for (int64_t i = first; i < last; i++) {
            std::memcpy(to + i * bytes, from + (which[i] < 0 ? which[i] + rows : which[i]) * bytes, static_cast<size_t>(bytes));
        }
    });
    return out;
}

void add_row(float* to, const float* row, int64_t width) {
    static constexpr ElementwiseStep kStep{Elementwise::kAdd, 0, {0, 1, 0}, Activation::kNone};
    const ElementwiseSlot slots[]{{to, false}, {const_cast<float*>(row), false}};
    kernels()->elementwise(&kStep, 1, slots, width);
}

// A tensor that may be written over: this one, if nobody else looks at it.
at::Tensor ours(at::Tensor&& x) { return is_exclusive(x) && x.is_contiguous() ? std::move(x) : x.clone(at::MemoryFormat::Contiguous); }

bool may_add(const at::Tensor& into, const at::Tensor& added) {
    return kernels() != nullptr && into.scalar_type() == at::kFloat && is_materialized(into) && into.dim() > 0 &&
           added.scalar_type() == at::kFloat && is_materialized(added) && added.dim() == into.dim() && added.numel() > 0 &&
           (added.numel() <= kMostAddedAlone || at::get_num_threads() == 1);
}

at::Tensor with_added_rows(at::Tensor into, const at::Tensor& where, const at::Tensor& source) {
    const bool fits = may_add(into, source) && are_indexes(where) && where.dim() == 1 && where.numel() == source.size(0) &&
                      source.sizes().slice(1) == into.sizes().slice(1);
    const auto indexes = fits ? where.contiguous() : at::Tensor();
    if (!fits || !are_between(indexes.const_data_ptr<int64_t>(), indexes.numel(), 0, into.size(0))) {
        return at::index_add(into, 0, where, source);
    }
    const auto rows = source.expect_contiguous();
    const at::Tensor out = ours(std::move(into));
    const auto* which = indexes.const_data_ptr<int64_t>();
    const int64_t count = indexes.numel(), width = source.numel() / count;
    const float* from = rows->const_data_ptr<float>();
    float* to = out.mutable_data_ptr<float>();
    for (int64_t i = 0; i < count; i++) {
        add_row(to + which[i] * width, from + i * width, width);
    }
    return out;
}

// Dimensions before one, itself, and behind it.
struct Around {
    int64_t outer = 1, size, inner = 1;

    Around(const at::Tensor& x, int64_t dimension) : size(x.size(dimension)) {
        for (int64_t d = 0; d < x.dim(); d++) {
            (d < dimension ? outer : inner) *= d == dimension ? 1 : x.size(d);
        }
    }
};

bool same_but_for(int64_t dimension, const at::Tensor& a, const at::Tensor& b) {
    for (int64_t d = 0; d < a.dim(); d++) {
        if (d != dimension && a.size(d) != b.size(d)) {
            return false;
        }
    }
    return true;
}

at::Tensor gathered(const at::Tensor& input, int64_t given, const at::Tensor& where) {
    const int64_t dimension = given < 0 ? given + input.dim() : given;
    const bool fits = input.scalar_type() == at::kFloat && is_materialized(input) && dimension >= 0 && dimension < input.dim() && input.numel() > 0 &&
                      are_indexes(where) && where.dim() == input.dim() && where.numel() > 0 && same_but_for(dimension, input, where);
    if (!fits) {
        return at::gather(input, given, where);
    }
    // Often the same for all that comes before, and not copied then.
    int64_t repeated = 0;
    while (repeated < dimension && (where.stride(repeated) == 0 || where.size(repeated) == 1)) {
        repeated++;
    }
    at::Tensor one = where;
    for (int64_t d = 0; d < repeated; d++) {
        one = one.select(0, 0);
    }
    one = one.contiguous();
    const Around of(input, dimension);
    const int64_t count = where.size(dimension), block = count * of.inner;
    const auto* indexes = one.const_data_ptr<int64_t>();
    if (!are_between(indexes, one.numel(), 0, of.size)) {
        return at::gather(input, given, where);
    }
    const auto x = input.expect_contiguous();
    const at::Tensor out = at::detail::empty_cpu(where.sizes(), at::kFloat, false, at::MemoryFormat::Contiguous);
    const float* from = x->const_data_ptr<float>();
    float* to = out.mutable_data_ptr<float>();
    const int64_t blocks = one.numel() / block;
    at::parallel_for(0, of.outer, grain_size(block), [&](int64_t first, int64_t last) {
        for (int64_t o = first; o < last; o++) {
            const auto* which = indexes + o % blocks * block;
            const float* part = from + o * of.size * of.inner;
            float* result = to + o * block;
            if (of.inner == 1) {
                for (int64_t i = 0; i < count; i++) {
                    result[i] = part[which[i]];
                }
                continue;
            }
            for (int64_t i = 0; i < count; i++) {
                for (int64_t j = 0; j < of.inner; j++) {
                    result[i * of.inner + j] = part[which[i * of.inner + j] * of.inner + j];
                }
            }
        }
    });
    return out;
}

at::Tensor with_scattered(at::Tensor into, int64_t given, const at::Tensor& where, const at::Tensor& source) {
    const int64_t dimension = given < 0 ? given + into.dim() : given;
    const bool fits = may_add(into, source) && dimension >= 0 && dimension < into.dim() && are_indexes(where) &&
                      where.sizes() == source.sizes() && same_but_for(dimension, into, where);
    if (!fits) {
        return at::scatter_add(into, given, where, source);
    }
    // Whole rows have one index where it was expanded.
    bool are_rows = dimension == 0;
    for (int64_t d = 1; d < where.dim(); d++) {
        are_rows = are_rows && (where.stride(d) == 0 || where.size(d) == 1);
    }
    at::Tensor indexes = where;
    for (int64_t d = 1; are_rows && d < where.dim(); d++) {
        indexes = indexes.select(1, 0);
    }
    indexes = indexes.contiguous();
    const auto* which = indexes.const_data_ptr<int64_t>();
    if (!are_between(which, indexes.numel(), 0, into.size(dimension))) {
        return at::scatter_add(into, given, where, source);
    }
    const auto added = source.expect_contiguous();
    const at::Tensor out = ours(std::move(into));
    const Around of(out, dimension);
    const int64_t count = where.size(dimension);
    const float* from = added->const_data_ptr<float>();
    float* to = out.mutable_data_ptr<float>();
    if (are_rows) {
        for (int64_t i = 0; i < count; i++) {
            add_row(to + which[i] * of.inner, from + i * of.inner, of.inner);
        }
        return out;
    }
    for (int64_t o = 0; o < of.outer; o++, to += of.size * of.inner) {
        for (int64_t i = 0; i < count; i++) {
            for (int64_t j = 0; j < of.inner; j++) {
                to[*which++ * of.inner + j] += *from++;
            }
        }
    }
    return out;
}

torch::jit::Operation rows_operation(const torch::jit::Node* node) {
    return [counts_from_end = node->i(nodes::kCountsFromEnd) != 0](torch::jit::Stack& stack) {
        const at::Tensor indexes = torch::jit::pop(stack).toTensor();
        stack.back() = rows_of(stack.back().toTensor(), indexes, counts_from_end);
    };
}

torch::jit::Operation added_rows_operation(const torch::jit::Node*) {
    return [](torch::jit::Stack& stack) {
        const at::Tensor source = torch::jit::pop(stack).toTensor(), indexes = torch::jit::pop(stack).toTensor();
        at::Tensor into = torch::jit::pop(stack).toTensor();
        stack.emplace_back(with_added_rows(std::move(into), indexes, source));
    };
}

torch::jit::Operation gather_operation(const torch::jit::Node* node) {
    return [dimension = node->i(nodes::kDimension)](torch::jit::Stack& stack) {
        const at::Tensor indexes = torch::jit::pop(stack).toTensor();
        stack.back() = gathered(stack.back().toTensor(), dimension, indexes);
    };
}

torch::jit::Operation scatter_operation(const torch::jit::Node* node) {
    return [dimension = node->i(nodes::kDimension)](torch::jit::Stack& stack) {
        const at::Tensor source = torch::jit::pop(stack).toTensor(), indexes = torch::jit::pop(stack).toTensor();
        at::Tensor into = torch::jit::pop(stack).toTensor();
        stack.emplace_back(with_scattered(std::move(into), dimension, indexes, source));
    };
}

}  // namespace

void register_indexing() {
    constexpr auto kPure = c10::AliasAnalysisKind::PURE_FUNCTION;
    static torch::jit::RegisterOperators registered(
        {torch::jit::Operator(nodes::kRows, torch::jit::OperationCreator(rows_operation), kPure),
         torch::jit::Operator(nodes::kAddedRows, torch::jit::OperationCreator(added_rows_operation), kPure),
         torch::jit::Operator(nodes::kGathered, torch::jit::OperationCreator(gather_operation), kPure),
         torch::jit::Operator(nodes::kScattered, torch::jit::OperationCreator(scatter_operation), kPure)});
}

}  // namespace cresset
