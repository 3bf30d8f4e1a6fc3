#include "operators/pooling.h"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/max_pool2d.h>
#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/passes/dead_code_elimination.h>
#include <torch/csrc/jit/runtime/custom_operator.h>

#include <array>
#include <optional>
#include <vector>

#include "operators/geometry.h"
#include "kernels/kernels.h"

namespace cresset {

using convolution::kPadding;
using convolution::kStride;

namespace {

const auto kMaxPool = c10::Symbol::fromQualString("cresset::max_pool2d");
const auto kWindow = c10::Symbol::attr("window");

// Comparisons that are worth a thread's waking.
constexpr int64_t kWorthAThread = 64 * 1024;

using Pair = std::vector<int64_t>;

struct Window {
    Pair size, stride, padding;

    int64_t out(int64_t in, int axis) const { return (in + 2 * padding[axis] - size[axis]) / stride[axis] + 1; }
    bool fits(int64_t in, int axis) const { return in + 2 * padding[axis] >= size[axis]; }
};

bool is_image(const at::Tensor& x, const Window& window) {
    const bool known_type = x.scalar_type() == at::kFloat || x.scalar_type() == at::kBFloat16;
    return kernels() != nullptr && x.dim() == 4 && known_type && x.device().is_cpu() && x.layout() == at::kStrided &&
           !x.is_neg() && x.numel() > 0 && x.size(1) >= kernels()->lanes && x.is_contiguous(at::MemoryFormat::ChannelsLast) &&
           window.fits(x.size(2), 0) && window.fits(x.size(3), 1);
}

at::Tensor max_pool(const at::Tensor& x, const Window& window) {
    if (!is_image(x, window)) {
        return at::max_pool2d(x, window.size, window.stride, window.padding);  // which also says what is wrong with it
    }
    const std::array<int64_t, 4> sizes{x.size(0), x.size(1), window.out(x.size(2), 0), window.out(x.size(3), 1)};
    const at::Tensor out = at::detail::empty_cpu(sizes, x.scalar_type(), false, at::MemoryFormat::ChannelsLast);
    const Pooling work{x.size(2),
                       x.size(3),
                       sizes[1],
                       sizes[2],
                       sizes[3],
                       window.size[0],
                       window.size[1],
                       window.stride[0],
                       window.stride[1],
                       window.padding[0],
                       window.padding[1],
                       x.const_data_ptr(),
                       out.mutable_data_ptr()};
    const auto some = x.scalar_type() == at::kFloat ? kernels()->max_pool : kernels()->bfloat16_max_pool;
    const int64_t of_a_row = sizes[1] * sizes[3] * window.size[0] * window.size[1];
    at::parallel_for(0, sizes[0] * sizes[2], kWorthAThread / of_a_row + 1,
                     [&](int64_t first, int64_t last) { some(work, first, last); });
    return out;
}

torch::jit::Operation max_pool_operation(const torch::jit::Node* node) {
    const Window window{node->is(kWindow), node->is(kStride), node->is(kPadding)};
    return [window](torch::jit::Stack& stack) { stack.back() = max_pool(stack.back().toTensor(), window); };
}

// Two numbers, of two or of one that counts for both, none of them less than `least`.
std::optional<Pair> constant_pair(const c10::IValue& list, int64_t least) {
    auto numbers = list.toIntVector();
    if (numbers.size() == 1) {
        numbers.push_back(numbers[0]);
    }
    const bool good = numbers.size() == 2 && numbers[0] >= least && numbers[1] >= least;
    return good ? std::optional(numbers) : std::nullopt;
}

// What LibTorch would refuse is left to it.
std::optional<Window> window_of(torch::jit::Node* node) {
    static const auto pool = c10::Symbol::fromQualString("aten::max_pool2d");
    if (node->kind() != pool) {
        return std::nullopt;
    }
    std::array<c10::IValue, 4> lists;  // window, stride, padding, dilation
    for (size_t i = 0; i < lists.size(); i++) {
        const auto list = torch::jit::toIValue(node->input(i + 1));
        if (!list || !list->isIntList()) {
            return std::nullopt;
        }
        lists[i] = *list;
    }
    const auto ceil = torch::jit::toIValue(node->input(5));
    const auto size = constant_pair(lists[0], 1);
    const auto stride = lists[1].toIntVector().empty() ? size : constant_pair(lists[1], 1);
    const auto padding = constant_pair(lists[2], 0);
    const auto dilation = constant_pair(lists[3], 1);
    if (!ceil || ceil->toBool() || !size || !stride || !padding || dilation != Pair{1, 1}) {
        return std::nullopt;
    }
    const bool is_in_window = 2 * (*padding)[0] <= (*size)[0] && 2 * (*padding)[1] <= (*size)[1];
    return is_in_window ? std::optional(Window{*size, *stride, *padding}) : std::nullopt;
}

void replace(torch::jit::Block* block, torch::jit::Graph& graph) {
    for (auto* node : block->nodes()) {
        for (auto* inner : node->blocks()) {
            replace(inner, graph);
        }
        const auto window = window_of(node);
        if (!window) {
            continue;
        }
        torch::jit::WithInsertPoint before(node);
        auto* made = graph.insertNode(graph.create(kMaxPool, {node->input(0)}, 1));
        made->is_(kWindow, window->size);
        made->is_(kStride, window->stride);
        made->is_(kPadding, window->padding);
        made->output()->setType(c10::TensorType::get());
        node->output()->replaceAllUsesWith(made->output());
    }
}

}  // namespace

void register_pooling() {
    static torch::jit::RegisterOperators registered({torch::jit::Operator(
        kMaxPool, torch::jit::OperationCreator(max_pool_operation), c10::AliasAnalysisKind::PURE_FUNCTION)});
}

void direct_pooling(torch::jit::Graph& graph) {
    replace(graph.block(), graph);
    torch::jit::EliminateDeadCode(graph.block());
}

}  // namespace cresset
