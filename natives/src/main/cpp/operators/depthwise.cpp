#include "operators/depthwise.h"

#include <ATen/ops/zeros.h>

#include <algorithm>
#include <vector>

#include "operators/parallel.h"
#include "operators/tensors.h"

namespace cresset::depthwise {

bool supports(const at::Tensor& weight, const convolution::Geometry& g) {
    return kernels() != nullptr && weight.scalar_type() == at::kFloat && weight.size(1) == 1 && g.groups == weight.size(0);
}

at::Tensor pack(const at::Tensor& weight) {
    const int64_t channels = weight.size(0);
    const auto result = at::zeros({weight.size(2), weight.size(3), round_up(channels, kernels()->lanes)}, at::kFloat);
    result.narrow(2, 0, channels).copy_(weight.squeeze(1).permute({1, 2, 0}));
    return result;
}

void convolve(const at::Tensor& x, const at::Tensor& packed, const convolution::Geometry& g, const at::Tensor& bias,
              const at::Tensor& added, Activation activation, const at::Tensor& out) {
    const Depthwise work{
        .height = x.size(2),
        .width = x.size(3),
        .channels = x.size(1),
        .out_height = out.size(2),
        .out_width = out.size(3),
        .kernel_y = packed.size(0),
        .kernel_x = packed.size(1),
        .stride_y = g.stride[0],
        .stride_x = g.stride[1],
        .padding_y = g.padding[0],
        .padding_x = g.padding[1],
        .dilation_y = g.dilation[0],
        .dilation_x = g.dilation[1],
        .x = float_data(x),
        .weights = float_data(packed),
        .bias = float_data(bias),
        .added = float_data(added),
        .out = out.mutable_data_ptr<float>(),
        .activation = activation,
    };
    const int64_t of_a_row = work.out_width * work.channels * work.kernel_y * work.kernel_x;
    at::parallel_for(0, out.size(0) * work.out_height, grain_size(of_a_row),
                     [&](int64_t first, int64_t last) { kernels()->depthwise(work, first, last); });
}

void convolve_volumes(const at::Tensor& x, const at::Tensor& packed, const convolution::Geometry& g, const at::Tensor& bias,
                      const at::Tensor& added, Activation activation, const at::Tensor& out) {
    const int64_t depth = x.size(2), height = out.size(3), kernel_z = packed.size(0);
    const int64_t frame = x.size(3) * x.size(4) * x.size(1), out_frame = out.size(3) * out.size(4) * out.size(1), weights = packed[0].numel();
    // For frames that meet nothing but zeros, and for those whose sums have been begun.
    const std::vector<float> nothing(std::max(frame, bias.numel()));
    const Depthwise of_frames{
        .height = x.size(3),
        .width = x.size(4),
        .channels = x.size(1),
        .out_height = height,
        .out_width = out.size(4),
        .kernel_y = packed.size(1),
        .kernel_x = packed.size(2),
        .stride_y = g.stride[1],
        .stride_x = g.stride[2],
        .padding_y = g.padding[1],
        .padding_x = g.padding[2],
        .dilation_y = g.dilation[1],
        .dilation_x = g.dilation[2],
        .x = nothing.data(),
        .weights = float_data(packed),
        .bias = float_data(bias),
        .added = nullptr,
        .out = nullptr,
        .activation = activation,
    };
    // Rows of one frame of the output.
    const auto sum_rows = [&](int64_t to, int64_t first_row, int64_t last_row) {
        const int64_t volume = to / out.size(2), start = to % out.size(2) * g.stride[0] - g.padding[0];
        const auto is_there = [&](int64_t i) { return start + i * g.dilation[0] >= 0 && start + i * g.dilation[0] < depth; };
        Depthwise work = of_frames;
        work.out = out.mutable_data_ptr<float>() + to * out_frame;
        work.added = added.defined() ? float_data(added) + to * out_frame : nullptr;
        int64_t left = 0;
        for (int64_t i = 0; i < kernel_z; i++) {
            left += is_there(i) ? 1 : 0;
        }
        if (left == 0) {
            return kernels()->depthwise(work, first_row, last_row);
        }
        for (int64_t i = 0; i < kernel_z; i++) {
            if (!is_there(i)) {
                continue;
            }
            work.x = float_data(x) + (volume * depth + start + i * g.dilation[0]) * frame;
            work.weights = float_data(packed) + i * weights;
            work.activation = --left == 0 ? activation : Activation::kNone;
            kernels()->depthwise(work, first_row, last_row);
            work.bias = nothing.data();
            work.added = work.out;
        }
    };
    const int64_t of_a_row = out.size(4) * x.size(1) * packed.size(0) * packed.size(1) * packed.size(2);
    at::parallel_for(0, out.size(0) * out.size(2) * height, grain_size(of_a_row), [&](int64_t first, int64_t last) {
        while (first < last) {
            const int64_t end = std::min(last, (first / height + 1) * height);
            sum_rows(first / height, first % height, first % height + end - first);
            first = end;
        }
    });
}

}  // namespace cresset::depthwise
