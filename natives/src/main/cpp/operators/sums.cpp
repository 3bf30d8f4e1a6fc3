#include "operators/sums.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/mean.h>
#include <ATen/ops/sum.h>
#include <torch/csrc/jit/ir/ir.h>
#include <torch/csrc/jit/runtime/custom_operator.h>

#include <algorithm>

#include "operators/nodes.h"
#include "operators/tensors.h"

namespace cresset {

namespace {

// LibTorch adds many numbers up in parts, which rounds less; and it has threads for them.
constexpr int64_t kMostAddends = 64;
constexpr int64_t kMostNumbers = 16 * 1024;

at::Tensor added_up(const at::Tensor& x, int64_t dimension, bool keep, bool mean) {
    const int64_t rank = x.dim(), at = dimension < 0 ? dimension + rank : dimension;
    if (!is_contiguous_float(x) || at < 0 || at >= rank || x.numel() == 0 || x.numel() > kMostNumbers || x.size(at) > kMostAddends) {
        return mean ? at::mean(x, at::IntArrayRef(dimension), keep) : at::sum(x, at::IntArrayRef(dimension), keep);
    }
    c10::SmallVector<int64_t, 5> sizes(x.sizes().begin(), x.sizes().end());
    int64_t outer = 1, inner = 1;
    for (int64_t i = 0; i < rank; i++) {
        (i < at ? outer : inner) *= i == at ? 1 : sizes[i];
    }
    const int64_t addends = sizes[at];
    if (keep) {
        sizes[at] = 1;
    } else {
        sizes.erase(sizes.begin() + at);
    }
    auto result = at::detail::empty_cpu(sizes, at::kFloat, false, c10::MemoryFormat::Contiguous);
    const float* from = x.const_data_ptr<float>();
    float* to = result.mutable_data_ptr<float>();
    std::fill_n(to, outer * inner, 0.f);
    for (int64_t o = 0; o < outer; o++, to += inner) {
        for (int64_t k = 0; k < addends; k++, from += inner) {
            for (int64_t i = 0; i < inner; i++) {
                to[i] += from[i];
            }
        }
        for (int64_t i = 0; mean && i < inner; i++) {
            to[i] /= static_cast<float>(addends);
        }
    }
    return result;
}

torch::jit::Operation sum_operation(const torch::jit::Node* node) {
    const int64_t dimension = node->i(nodes::kDimension);
    const bool keep = node->i(nodes::kKeepsDimension) != 0, mean = node->i(nodes::kIsMean) != 0;
    return [dimension, keep, mean](torch::jit::Stack& stack) {
        stack.back() = added_up(stack.back().toTensor(), dimension, keep, mean);
    };
}

}  // namespace

void register_sums() {
    static torch::jit::RegisterOperators registered({torch::jit::Operator(
        nodes::kSum, torch::jit::OperationCreator(sum_operation), c10::AliasAnalysisKind::PURE_FUNCTION)});
}

}  // namespace cresset
