#include "operators/separable.h"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <vector>

#include "kernels/kernels.h"

namespace cresset {

namespace {

// Multiplications that are worth a thread's waking.
constexpr int64_t kWorthAThread = 64 * 1024;

const float* numbers(const at::Tensor& tensor) { return tensor.defined() ? tensor.const_data_ptr<float>() : nullptr; }

int64_t filled_up(int64_t count, int64_t to) { return (count + to - 1) / to * to; }

bool is_float_with_kernel(const at::Tensor& weight) {
    return kernels() != nullptr && weight.scalar_type() == at::kFloat;
}

at::Tensor zeros(at::IntArrayRef sizes) { return at::zeros(sizes, at::kFloat); }

}  // namespace

namespace pointwise {

namespace {

// The pixels that count, one after the other as the kernel wants them.
at::Tensor with_strides(const at::Tensor& x, const convolution::Geometry& g, const at::Tensor& out) {
    const int64_t images = out.size(0), height = out.size(2), width = out.size(3), channels = x.size(1);
    const at::Tensor result =
        at::detail::empty_cpu({images, channels, height, width}, at::kFloat, false, at::MemoryFormat::ChannelsLast);
    const float* from = numbers(x);
    float* to = result.mutable_data_ptr<float>();
    at::parallel_for(0, images * height, kWorthAThread / (width * channels) + 1, [&](int64_t first, int64_t last) {
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

bool takes(const at::Tensor& weight, const convolution::Geometry& g) {
    const std::vector<int64_t> none{0, 0};
    return is_float_with_kernel(weight) && weight.size(2) == 1 && weight.size(3) == 1 && g.groups == 1 && g.padding == none;
}

at::Tensor laid_out(const at::Tensor& weight) {
    const int64_t outputs = weight.size(0), channels = weight.size(1);
    const int64_t lanes = kernels()->lanes, panel = kernels()->panel;
    const auto plain = weight.contiguous();
    const auto result = zeros({filled_up(outputs, lanes) * channels});
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

void convolve(const at::Tensor& image, const at::Tensor& laid_out, const convolution::Geometry& g, const at::Tensor& bias,
              const at::Tensor& added, Activation activation, const at::Tensor& out) {
    const at::Tensor x = g.stride[0] == 1 && g.stride[1] == 1 ? image : with_strides(image, g, out);
    Pointwise work;
    work.channels = x.size(1);
    work.outputs = out.size(1);
    work.x = numbers(x);
    work.weights = numbers(laid_out);
    work.bias = numbers(bias);
    work.added = numbers(added);
    work.out = out.mutable_data_ptr<float>();
    work.activation = activation;
    const int64_t pixels = x.size(0) * x.size(2) * x.size(3);
    at::parallel_for(0, pixels, kWorthAThread / (work.channels * work.outputs) + 1,
                     [&](int64_t first, int64_t last) { kernels()->pointwise(work, first, last); });
}

}  // namespace pointwise

namespace depthwise {

bool takes(const at::Tensor& weight, const convolution::Geometry& g) {
    const int64_t columns = weight.size(3);
    const std::vector<int64_t> one{1, 1};
    return is_float_with_kernel(weight) && weight.size(1) == 1 && g.groups == weight.size(0) && g.dilation == one &&
           (columns == 3 || columns == 5 || columns == 7) && g.stride[1] <= 2;
}

at::Tensor laid_out(const at::Tensor& weight) {
    const int64_t channels = weight.size(0);
    const auto result = zeros({weight.size(2), weight.size(3), filled_up(channels, kernels()->lanes)});
    result.narrow(2, 0, channels).copy_(weight.squeeze(1).permute({1, 2, 0}));
    return result;
}

void convolve(const at::Tensor& x, const at::Tensor& laid_out, const convolution::Geometry& g, const at::Tensor& bias,
              const at::Tensor& added, Activation activation, const at::Tensor& out) {
    Depthwise work;
    work.height = x.size(2);
    work.width = x.size(3);
    work.channels = x.size(1);
    work.out_height = out.size(2);
    work.out_width = out.size(3);
    work.kernel_y = laid_out.size(0);
    work.kernel_x = laid_out.size(1);
    work.stride_y = g.stride[0];
    work.stride_x = g.stride[1];
    work.padding_y = g.padding[0];
    work.padding_x = g.padding[1];
    work.x = numbers(x);
    work.weights = numbers(laid_out);
    work.bias = numbers(bias);
    work.added = numbers(added);
    work.out = out.mutable_data_ptr<float>();
    work.activation = activation;
    const int64_t of_a_row = work.out_width * work.channels * work.kernel_y * work.kernel_x;
    at::parallel_for(0, out.size(0) * work.out_height, kWorthAThread / of_a_row + 1,
                     [&](int64_t first, int64_t last) { kernels()->depthwise(work, first, last); });
}

}  // namespace depthwise

}  // namespace cresset
