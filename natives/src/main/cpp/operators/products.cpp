#include "operators/products.h"

#include <ATen/ops/bmm.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/matmul.h>
#include <torch/csrc/jit/ir/ir.h>
#include <torch/csrc/jit/runtime/custom_operator.h>

#include <algorithm>
#include <array>

#include "kernels/kernels.h"
#include "memory/scratch.h"
#include "operators/nodes.h"
#include "operators/parallel.h"
#include "operators/tensors.h"

namespace cresset {

namespace {

constexpr int64_t kMostDimensions = 8;

bool is_matrices(const at::Tensor& x) {
    return x.scalar_type() == at::kFloat && is_materialized(x) && x.dim() >= 2 && x.dim() <= kMostDimensions && x.numel() > 0;
}

// Whether numbers lie side by side along a dimension.
bool lies_along(const at::Tensor& x, int64_t dimension) { return x.stride(dimension) == 1 || x.size(dimension) == 1; }

// Where each pair of a batch is.
class Batch {
 public:
    Batch(const at::Tensor& a, const at::Tensor& b) : rank_(std::max(a.dim(), b.dim()) - 2) {
        for (int64_t d = 0; d < rank_; d++) {
            const auto [of_a, step_a] = along(a, d);
            const auto [of_b, step_b] = along(b, d);
            fits_ = fits_ && (of_a == of_b || of_a == 1 || of_b == 1);
            sizes_[d] = of_a == 1 ? of_b : of_a;
            steps_a_[d] = of_a == 1 ? 0 : step_a;
            steps_b_[d] = of_b == 1 ? 0 : step_b;
            count_ *= sizes_[d];
        }
    }

    bool fits() const { return fits_; }
    int64_t count() const { return count_; }
    at::IntArrayRef sizes() const { return {sizes_.data(), static_cast<size_t>(rank_)}; }

    std::pair<int64_t, int64_t> at(int64_t i) const {
        int64_t a = 0, b = 0;
        for (int64_t d = rank_ - 1; d >= 0; d--) {
            a += i % sizes_[d] * steps_a_[d];
            b += i % sizes_[d] * steps_b_[d];
            i /= sizes_[d];
        }
        return {a, b};
    }

 private:
    std::pair<int64_t, int64_t> along(const at::Tensor& x, int64_t d) const {
        const int64_t own = d - (rank_ + 2 - x.dim());
        return own < 0 ? std::pair<int64_t, int64_t>{1, 0} : std::pair{x.size(own), x.stride(own)};
    }

    int64_t rank_, count_ = 1;
    bool fits_ = true;
    std::array<int64_t, kMostDimensions> sizes_, steps_a_, steps_b_;
};

at::Tensor by_dispatch(const at::Tensor& a, const at::Tensor& b, bool in_batches) { return in_batches ? at::bmm(a, b) : at::matmul(a, b); }

at::Tensor product_of(const at::Tensor& left, const at::Tensor& right, bool in_batches) {
    const bool fits = kernels() != nullptr && is_matrices(left) && is_matrices(right) && left.size(-1) == right.size(-2) &&
                      (!in_batches || (left.dim() == 3 && right.dim() == 3 && left.size(0) == right.size(0)));
    if (!fits) {
        return by_dispatch(left, right, in_batches);
    }
    const int64_t inner = left.size(-1), columns = right.size(-1);
    int64_t rows = left.size(-2);
    // A product with one column is that of a row with the other matrix, the other way round.
    const bool is_turned = columns == 1;
    const auto lies_in_rows = [](const at::Tensor& x) { return lies_along(x, -1) && (x.stride(-2) == x.size(-1) || x.size(-2) == 1); };
    const auto lies_somehow = [](const at::Tensor& x) { return lies_along(x, -1) || lies_along(x, -2); };
    at::Tensor a = is_turned ? (lies_somehow(left) ? left : left.contiguous()) : lies_in_rows(left) ? left : left.contiguous();
    const at::Tensor b = is_turned ? (lies_along(right, -2) ? right : right.contiguous()) : lies_somehow(right) ? right : right.contiguous();
    c10::SmallVector<int64_t, kMostDimensions> sizes;
    // Many matrices times one are one that is taller.
    if (!is_turned && b.dim() == 2 && a.dim() > 2 && a.is_contiguous()) {
        sizes.assign(a.sizes().begin(), a.sizes().end() - 1);
        sizes.push_back(columns);
        rows = a.numel() / inner;
        a = a.view({rows, inner});
    }
    const Batch batch(a, b);
    if (!batch.fits()) {
        return by_dispatch(left, right, in_batches);
    }
    if (sizes.empty()) {
        sizes.assign(batch.sizes().begin(), batch.sizes().end());
        sizes.push_back(rows);
        sizes.push_back(columns);
    }
    const at::Tensor out = at::detail::empty_cpu(sizes, at::kFloat, false, at::MemoryFormat::Contiguous);
    const float *from_a = a.const_data_ptr<float>(), *from_b = b.const_data_ptr<float>();
    float* to = out.mutable_data_ptr<float>();

    const at::Tensor& packed = is_turned ? a : b;
    const int64_t outputs = is_turned ? rows : columns, padded = round_up(outputs, kernels()->panel), pixels = is_turned ? 1 : rows;
    Matrix matrix{nullptr, inner, outputs, packed.stride(is_turned ? -1 : -2), packed.stride(is_turned ? -2 : -1)};
    // A step that is never made may be anything.
    if (matrix.columns == 1) {
        matrix.column_step = matrix.row_step == 1 ? inner : 1;
    }
    if (matrix.rows == 1 && matrix.column_step != 1) {
        matrix.row_step = 1;
    }
    const auto compute = [&](int64_t first, int64_t last, bool has_threads) {
        const Scratch scratch(padded * (inner + 1));
        float *bias = scratch.get(), *weights = bias + padded;
        std::fill_n(bias, padded, 0.f);
        for (int64_t i = first, before = -1; i < last; i++) {
            const auto [at_a, at_b] = batch.at(i);
            const int64_t at_packed = is_turned ? at_a : at_b;
            if (at_packed != before) {
                Matrix one = matrix;
                one.x = (is_turned ? from_a : from_b) + at_packed;
                kernels()->pack_matrix(one, weights);
                before = at_packed;
            }
            const Pointwise work{.channels = inner,
                                 .outputs = outputs,
                                 .x = is_turned ? from_b + at_b : from_a + at_a,
                                 .weights = weights,
                                 .bias = bias,
                                 .added = nullptr,
                                 .out = to + i * rows * columns,
                                 .activation = Activation::kNone};
            if (has_threads) {
                at::parallel_for(0, pixels, grain_size(inner * outputs),
                                 [&](int64_t from, int64_t until) { kernels()->pointwise(work, from, until); });
            } else {
                kernels()->pointwise(work, 0, pixels);
            }
        }
    };
    if (batch.count() < at::get_num_threads()) {
        compute(0, batch.count(), true);
    } else {
        at::parallel_for(0, batch.count(), grain_size(rows * inner * columns),
                         [&](int64_t first, int64_t last) { compute(first, last, false); });
    }
    return out;
}

torch::jit::Operation product_operation(const torch::jit::Node* node) {
    return [in_batches = node->i(nodes::kDimensions) == 3](torch::jit::Stack& stack) {
        const at::Tensor right = torch::jit::pop(stack).toTensor();
        stack.back() = product_of(stack.back().toTensor(), right, in_batches);
    };
}

}  // namespace

void register_products() {
    static torch::jit::RegisterOperators registered({torch::jit::Operator(
        nodes::kProduct, torch::jit::OperationCreator(product_operation), c10::AliasAnalysisKind::PURE_FUNCTION)});
}

}  // namespace cresset
