#include "operators/cat.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/stack.h>
#include <torch/csrc/jit/ir/ir.h>
#include <torch/csrc/jit/runtime/custom_operator.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <utility>

#include "operators/nodes.h"
#include "operators/tensors.h"

namespace cresset {

namespace {

// LibTorch has threads for more.
constexpr int64_t kMostNumbers = 16 * 1024;

// Of a tensor that does not lie in order, how many dimensions may be walked.
constexpr int64_t kMostWalked = 3;

using Tensors = c10::SmallVector<at::Tensor, 8>;

struct Part {
    std::array<int64_t, kMostWalked> sizes, from, to;  // how far from one number to the next
};

template <typename Number>
void copy(const Part& part, const void* from, void* to) {
    const auto* source = static_cast<const Number*>(from);
    auto* target = static_cast<Number*>(to);
    for (int64_t i = 0; i < part.sizes[0]; i++) {
        for (int64_t j = 0; j < part.sizes[1]; j++) {
            const Number* read = source + i * part.from[0] + j * part.from[1];
            Number* written = target + i * part.to[0] + j * part.to[1];
            if (part.from[2] == 1 && part.to[2] == 1) {
                std::memcpy(written, read, part.sizes[2] * sizeof(Number));
                continue;
            }
            for (int64_t k = 0; k < part.sizes[2]; k++) {
                written[k * part.to[2]] = read[k * part.from[2]];
            }
        }
    }
}

// Whether tensors are of one type and fit, few numbers in memory, and their union lies in order.
bool fit(const Tensors& all, int64_t at, bool stacks) {
    const at::Tensor& first = all.front();
    int64_t numbers = 0;
    for (const auto& x : all) {
        if (!is_plain_memory(x) ||
            x.scalar_type() != first.scalar_type() || x.dim() != first.dim()) {
            return false;
        }
        const bool is_in_order = x.is_contiguous() && x.suggest_memory_format() == at::MemoryFormat::Contiguous;
        if (!is_in_order && first.dim() + (stacks ? 1 : 0) > kMostWalked) {
            return false;
        }
        for (int64_t i = 0; i < first.dim(); i++) {
            if (x.size(i) != first.size(i) && (stacks || i != at)) {
                return false;
            }
        }
        numbers += x.numel();
    }
    return numbers <= kMostNumbers && (first.element_size() == 4 || first.element_size() == 8);
}

at::Tensor joined(const Tensors& all, int64_t dimension, bool stacks) {
    const at::Tensor& first = all.front();
    const int64_t ranks = first.dim() + (stacks ? 1 : 0), at = dimension < 0 ? dimension + ranks : dimension;
    if (at < 0 || at >= ranks || !fit(all, at, stacks)) {
        const at::TensorList list(all.data(), all.size());
        return stacks ? at::stack(list, dimension) : at::cat(list, dimension);
    }
    c10::SmallVector<int64_t, 5> shape(first.sizes().begin(), first.sizes().end());
    if (stacks) {
        shape.insert(shape.begin() + at, 0);
    }
    shape[at] = 0;
    for (const auto& x : all) {
        shape[at] += stacks ? 1 : x.size(at);
    }
    auto out = at::detail::empty_cpu(shape, first.scalar_type(), false, c10::MemoryFormat::Contiguous);
    int64_t before = 1, behind = 1;
    for (int64_t i = 0; i < ranks; i++) {
        (i < at ? before : behind) *= i == at ? 1 : shape[i];
    }
    auto* to = static_cast<char*>(out.mutable_data_ptr());
    for (const auto& x : all) {
        const int64_t length = stacks ? 1 : x.size(at), block = length * behind;
        Part part{{1, before, block}, {0, block, 1}, {0, shape[at] * behind, 1}};
        if (!x.is_contiguous()) {
            part = {{1, 1, 1}, {0, 0, 0}, {0, 0, 0}};
            for (int64_t i = 0; i < ranks; i++) {
                const int64_t place = kMostWalked - ranks + i, of_x = stacks && i > at ? i - 1 : i;
                const bool is_new = stacks && i == at;
                part.sizes[place] = is_new ? 1 : x.size(of_x);
                part.from[place] = is_new ? 0 : x.stride(of_x);
                part.to[place] = out.stride(i);
            }
        }
        if (x.numel() > 0) {
            (first.element_size() == 4 ? copy<uint32_t> : copy<uint64_t>)(part, x.const_data_ptr(), to);
        }
        to += block * first.element_size();
    }
    return out;
}

torch::jit::Operation cat_operation(const torch::jit::Node* node) {
    const int64_t dimension = node->i(nodes::kDimension);
    const bool stacks = node->i(nodes::kStacks) != 0;
    const size_t count = node->inputs().size();
    return [dimension, stacks, count](torch::jit::Stack& stack) {
        Tensors all;
        for (size_t i = stack.size() - count; i < stack.size(); i++) {
            all.push_back(std::move(stack[i]).toTensor());
        }
        torch::jit::drop(stack, count);
        torch::jit::push(stack, joined(all, dimension, stacks));
    };
}

}  // namespace

void register_cat() {
    static torch::jit::RegisterOperators registered({torch::jit::Operator(
        nodes::kCat, torch::jit::OperationCreator(cat_operation), c10::AliasAnalysisKind::PURE_FUNCTION)});
}

}  // namespace cresset
