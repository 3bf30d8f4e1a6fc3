#include "operators/embedding.h"

#include <ATen/ops/embedding.h>
#include <ATen/ops/empty.h>
#include <torch/csrc/jit/ir/ir.h>
#include <torch/csrc/jit/runtime/custom_operator.h>

#include <cstring>

#include "operators/nodes.h"
#include "operators/parallel.h"
#include "operators/tensors.h"

namespace cresset {

namespace {

template <typename Index>
bool are_rows(const Index* indexes, int64_t count, int64_t rows) {
    bool fit = true;
    for (int64_t i = 0; i < count; i++) {
        fit = fit && indexes[i] >= 0 && indexes[i] < rows;
    }
    return fit;
}

template <typename Index>
at::Tensor rows_of(const at::Tensor& table, const at::Tensor& indexes) {
    const auto* which = indexes.const_data_ptr<Index>();
    const int64_t count = indexes.numel(), bytes = table.size(1) * static_cast<int64_t>(table.itemsize());
    if (!are_rows(which, count, table.size(0))) {
        return at::embedding(table, indexes);  // which says what is wrong with it
    }
    c10::SmallVector<int64_t, 5> sizes(indexes.sizes().begin(), indexes.sizes().end());
    sizes.push_back(table.size(1));
    auto result = at::detail::empty_cpu(sizes, table.scalar_type(), false, c10::MemoryFormat::Contiguous);
    const auto* from = static_cast<const char*>(table.const_data_ptr());
    auto* to = static_cast<char*>(result.mutable_data_ptr());
    at::parallel_for(0, count, grain_size(bytes), [&](int64_t first, int64_t last) {
        for (int64_t i = first; i < last; i++) {
            std::memcpy(to + i * bytes, from + which[i] * bytes, static_cast<size_t>(bytes));
        }
    });
    return result;
}

at::Tensor looked_up(const at::Tensor& table, const at::Tensor& indexes) {
    const auto type = indexes.scalar_type();
    if (!is_materialized(indexes) || indexes.numel() == 0 || (type != at::kLong && type != at::kInt)) {
        return at::embedding(table, indexes);
    }
    const auto dense = indexes.contiguous();
    return type == at::kLong ? rows_of<int64_t>(table, dense) : rows_of<int32_t>(table, dense);
}

// The table belongs to the node and not to the stack, as weights of linear layers do.
torch::jit::Operation with_table_of(const torch::jit::Node* node) {
    const auto table = node->t(nodes::kWeight);
    return [table](torch::jit::Stack& stack) { stack.back() = looked_up(table, stack.back().toTensor()); };
}

}  // namespace

void register_embedding() {
    static torch::jit::RegisterOperators registered({torch::jit::Operator(
        nodes::kEmbedding, torch::jit::OperationCreator(with_table_of), c10::AliasAnalysisKind::PURE_FUNCTION)});
}

}  // namespace cresset
