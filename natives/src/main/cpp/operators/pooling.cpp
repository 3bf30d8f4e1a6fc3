#include "operators/pooling.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/max_pool2d.h>
#include <ATen/ops/max_pool3d.h>
#include <torch/csrc/jit/ir/ir.h>
#include <torch/csrc/jit/runtime/custom_operator.h>

#include <array>
#include <vector>

#include "kernels/kernels.h"
#include "operators/nodes.h"
#include "operators/parallel.h"
#include "operators/tensors.h"

namespace cresset {

namespace {

using Axes = std::vector<int64_t>;

struct Window {
    Axes size, stride, padding;

    int64_t out(int64_t in, int axis) const { return (in + 2 * padding[axis] - size[axis]) / stride[axis] + 1; }
    bool fits(int64_t in, int axis) const { return in + 2 * padding[axis] >= size[axis]; }
    bool changes_nothing() const { return size == Axes{1, 1} && stride == Axes{1, 1} && padding == Axes{0, 0}; }
};

bool is_supported(const at::Tensor& x, const Window& window) {
    const bool known_type = x.scalar_type() == at::kFloat || x.scalar_type() == at::kBFloat16;
    return kernels() != nullptr && known_type && is_image(x) && has_channels_last(x) && x.size(1) >= kernels()->lanes &&
           window.fits(x.size(2), 0) && window.fits(x.size(3), 1);
}

at::Tensor max_pool(const at::Tensor& x, const Window& window) {
    if (!is_supported(x, window)) {
        return at::max_pool2d(x, window.size, window.stride, window.padding);  // which also says what is wrong with it
    }
    const std::array<int64_t, 4> sizes{x.size(0), x.size(1), window.out(x.size(2), 0), window.out(x.size(3), 1)};
    const at::Tensor out = at::detail::empty_cpu(sizes, x.scalar_type(), false, at::MemoryFormat::ChannelsLast);
    const MaxPooling work{
        .height = x.size(2),
        .width = x.size(3),
        .channels = sizes[1],
        .out_height = sizes[2],
        .out_width = sizes[3],
        .kernel_y = window.size[0],
        .kernel_x = window.size[1],
        .stride_y = window.stride[0],
        .stride_x = window.stride[1],
        .padding_y = window.padding[0],
        .padding_x = window.padding[1],
        .x = x.const_data_ptr(),
        .out = out.mutable_data_ptr(),
    };
    const auto max_pool_rows = x.scalar_type() == at::kFloat ? kernels()->max_pool : kernels()->bfloat16_max_pool;
    const int64_t of_a_row = sizes[1] * sizes[3] * window.size[0] * window.size[1];
    at::parallel_for(0, sizes[0] * sizes[2], grain_size(of_a_row),
                     [&](int64_t first, int64_t last) { max_pool_rows(work, first, last); });
    return out;
}

// The largest number of each frame's windows, then of those of as many frames as there are in a window.
at::Tensor max_pool_volumes(const at::Tensor& x, const Window& window) {
    const bool may_lie_so = x.dim() == 5 && is_materialized(x) && x.numel() > 0 && x.is_contiguous(at::MemoryFormat::ChannelsLast3d);
    if (!may_lie_so || !window.fits(x.size(2), 0) || !window.fits(x.size(3), 1) || !window.fits(x.size(4), 2)) {
        return at::max_pool3d(x, window.size, window.stride, window.padding);  // which also says what is wrong with it
    }
    const auto last = [](const Axes& axes) { return Axes{axes[1], axes[2]}; };
    const auto first = [](const Axes& axes, int64_t other) { return Axes{axes[0], other}; };
    const Window in_frames{last(window.size), last(window.stride), last(window.padding)};
    const Window of_frames{first(window.size, 1), first(window.stride, 1), first(window.padding, 0)};
    at::Tensor out = x;
    if (!in_frames.changes_nothing()) {
        out = max_pool(out.transpose(1, 2).flatten(0, 1), in_frames).unflatten(0, {x.size(0), x.size(2)}).transpose(1, 2);
    }
    const int64_t height = out.size(3), width = out.size(4);
    return of_frames.changes_nothing() ? out : max_pool(out.flatten(3, 4), of_frames).unflatten(3, {height, width});
}

torch::jit::Operation max_pool_operation(const torch::jit::Node* node) {
    const Window window{node->is(nodes::kWindow), node->is(nodes::kStride), node->is(nodes::kPadding)};
    const auto pool = window.size.size() == 2 ? max_pool : max_pool_volumes;
    return [window, pool](torch::jit::Stack& stack) { stack.back() = pool(stack.back().toTensor(), window); };
}

}  // namespace

void register_pooling() {
    static torch::jit::RegisterOperators registered({torch::jit::Operator(
        nodes::kMaxPool, torch::jit::OperationCreator(max_pool_operation), c10::AliasAnalysisKind::PURE_FUNCTION)});
}

}  // namespace cresset
