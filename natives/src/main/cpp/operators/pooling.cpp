#include "operators/pooling.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/max_pool2d.h>
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

using Pair = std::vector<int64_t>;

struct Window {
    Pair size, stride, padding;

    int64_t out(int64_t in, int axis) const { return (in + 2 * padding[axis] - size[axis]) / stride[axis] + 1; }
    bool fits(int64_t in, int axis) const { return in + 2 * padding[axis] >= size[axis]; }
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

torch::jit::Operation max_pool_operation(const torch::jit::Node* node) {
    const Window window{node->is(nodes::kWindow), node->is(nodes::kStride), node->is(nodes::kPadding)};
    return [window](torch::jit::Stack& stack) { stack.back() = max_pool(stack.back().toTensor(), window); };
}

}  // namespace

void register_pooling() {
    static torch::jit::RegisterOperators registered({torch::jit::Operator(
        nodes::kMaxPool, torch::jit::OperationCreator(max_pool_operation), c10::AliasAnalysisKind::PURE_FUNCTION)});
}

}  // namespace cresset
