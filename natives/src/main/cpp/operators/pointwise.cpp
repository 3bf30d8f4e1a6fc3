#include "operators/pointwise.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <vector>

#include "operators/parallel.h"
#include "operators/tensors.h"

namespace cresset::pointwise {

namespace {

// The pixels that count, one after the other as the kernel wants them.
at::Tensor with_strides(const at::Tensor& x, const convolution::Geometry& g, const at::Tensor& out) {
    const int64_t images = out.size(0), height = out.size(2), width = out.size(3), channels = x.size(1);
    const at::Tensor result =
        at::detail::empty_cpu({images, channels, height, width}, at::kFloat, false, at::MemoryFormat::ChannelsLast);
    const float* from = float_data(x);
    float* to = result.mutable_data_ptr<float>();
    at::parallel_for(0, images * height, grain_size(width * channels), [&](int64_t first, int64_t last) {
        for (int64_t row = first; row < last; row++) {
            const int64_t y = row / height * x.size(2) + row % height * g.stride[0];
            for (int64_t column = 0; column < width; column++) {
                const float* pixel = from + (y * x.size(3) + column * g.stride[1]) * channels;
                std::copy_n(pixel, channels, to + (row * width + column) * channels);
            }
        }
    });
    return result;
}

}  // namespace

bool supports(const at::Tensor& weight, const convolution::Geometry& g) {
    const std::vector<int64_t> none{0, 0};
    return kernels() != nullptr && weight.scalar_type() == at::kFloat && weight.size(2) == 1 && weight.size(3) == 1 &&
           g.groups == 1 && g.padding == none;
}

at::Tensor pack(const at::Tensor& weight) {
    const int64_t outputs = weight.size(0), channels = weight.size(1);
    const int64_t lanes = kernels()->lanes, panel = kernels()->panel;
    const auto plain = weight.contiguous();
    const auto result = at::zeros({round_up(outputs, lanes) * channels}, at::kFloat);
    const float* from = plain.const_data_ptr<float>();
    float* to = result.mutable_data_ptr<float>();
    for (int64_t k = 0; k < outputs; k++) {
        const int64_t start = k / panel * panel;
        const int64_t width = outputs - start > lanes ? panel : lanes;
        for (int64_t c = 0; c < channels; c++) {
            to[start * channels + c * width + k - start] = from[k * channels + c];
        }
    }
    return result;
}

void convolve(const at::Tensor& image, const at::Tensor& packed, const convolution::Geometry& g, const at::Tensor& bias,
              const at::Tensor& added, Activation activation, const at::Tensor& out) {
    const at::Tensor x = g.stride[0] == 1 && g.stride[1] == 1 ? image : with_strides(image, g, out);
    const Pointwise work{
        .channels = x.size(1),
        .outputs = out.size(1),
        .x = float_data(x),
        .weights = float_data(packed),
        .bias = float_data(bias),
        .added = float_data(added),
        .out = out.mutable_data_ptr<float>(),
        .activation = activation,
    };
    const int64_t pixels = x.size(0) * x.size(2) * x.size(3);
    at::parallel_for(0, pixels, grain_size(work.channels * work.outputs),
                     [&](int64_t first, int64_t last) { kernels()->pointwise(work, first, last); });
}

}  // namespace cresset::pointwise
