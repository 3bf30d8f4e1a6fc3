#include "operators/depthwise.h"

#include <ATen/ops/zeros.h>

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

}  // namespace cresset::depthwise
