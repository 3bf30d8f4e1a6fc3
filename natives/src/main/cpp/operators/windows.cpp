#include "operators/windows.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "operators/parallel.h"
#include "operators/pointwise.h"
#include "operators/tensors.h"

namespace cresset::windows {

namespace {

// What a run is of: a row of the window or, where windows skip pixels or channels, a pixel.
bool has_whole_rows(const convolution::Geometry& g) { return g.dilation[1] == 1 && g.groups == 1; }

int64_t packed_size(const at::Tensor& weight, const convolution::Geometry& g) {
    return round_up(weight.size(0) / g.groups, kernels()->lanes) * weight.size(1) * weight.size(2) * weight.size(3);
}

}  // namespace

bool supports(const at::Tensor& weight, const convolution::Geometry& g) {
    // What is padded with is multiplied, too.
    const auto is_finite = [&] {
        const auto plain = weight.contiguous();
        const float* numbers = float_data(plain);
        return std::all_of(numbers, numbers + plain.numel(), [](float number) { return std::isfinite(number); });
    };
    // A group's outputs fill vectors, or they would be written over the next one's.
    return kernels() != nullptr && weight.scalar_type() == at::kFloat &&
           (g.groups == 1 || weight.size(0) / g.groups % kernels()->lanes == 0) && is_finite();
}

at::Tensor padded(const at::Tensor& x, const std::vector<int64_t>& zeros_before, const std::vector<int64_t>& zeros_after) {
    const std::vector<int64_t> none{0, 0};
    if (zeros_before == none && zeros_after == none) {
        return x;
    }
    const int64_t images = x.size(0), channels = x.size(1), height = x.size(2), width = x.size(3);
    const int64_t above = zeros_before[0], before = zeros_before[1] * channels, after = zeros_after[1] * channels;
    const int64_t rows = height + above + zeros_after[0], numbers = width * channels, row_numbers = before + numbers + after;
    const at::Tensor result = at::detail::empty_cpu({images, channels, rows, row_numbers / channels}, at::kFloat, false,
                                                    at::MemoryFormat::ChannelsLast);
    const float* from = float_data(x);
    float* to = result.mutable_data_ptr<float>();
    at::parallel_for(0, images * rows, grain_size(row_numbers), [&](int64_t first, int64_t last) {
        for (int64_t row = first; row < last; row++) {
            const int64_t y = row % rows - above;
            float* at = to + row * row_numbers;
            if (y < 0 || y >= height) {
                std::fill_n(at, row_numbers, 0.f);
                continue;
            }
            std::fill_n(at, before, 0.f);
            std::copy_n(from + (row / rows * height + y) * numbers, numbers, at + before);
            std::fill_n(at + before + numbers, after, 0.f);
        }
    });
    return result;
}

void run(const Windows& work, int64_t images) {
    const int64_t parts = (work.out_width + kernels()->rows - 1) / kernels()->rows;
    const int64_t of_a_part = work.runs * work.length * work.outputs * kernels()->rows;
    at::parallel_for(0, images * work.out_height * parts, grain_size(of_a_part),
                     [&](int64_t first, int64_t last) { kernels()->windows(work, first, last); });
}

at::Tensor pack(const at::Tensor& weight, const convolution::Geometry& g) {
    const int64_t outputs = weight.size(0) / g.groups;
    // As single pixels of so many channels as a window has numbers.
    const auto windows = weight.permute({0, 2, 3, 1}).contiguous().view({g.groups, outputs, -1, 1, 1});
    const auto result = at::zeros({g.groups, packed_size(weight, g)}, at::kFloat);
    for (int64_t group = 0; group < g.groups; group++) {
        result.select(0, group).copy_(pointwise::pack(windows.select(0, group)));
    }
    return result;
}

void convolve(const at::Tensor& image, const at::Tensor& plain, const at::Tensor& packed, const convolution::Geometry& g,
              const at::Tensor& bias, const at::Tensor& added, Activation activation, const at::Tensor& out) {
    const at::Tensor x = padded(image, g.padding, g.padding_after);
    const int64_t channels = x.size(1), of_group = plain.size(1), kernel_y = plain.size(2), kernel_x = plain.size(3);
    const int64_t row = x.size(3) * channels, outputs = out.size(1) / g.groups;
    const bool whole_rows = has_whole_rows(g);
    std::vector<int64_t> starts;
    for (int64_t i = 0; i < kernel_y; i++) {
        for (int64_t j = 0; j < (whole_rows ? 1 : kernel_x); j++) {
            starts.push_back(i * g.dilation[0] * row + j * g.dilation[1] * channels);
        }
    }
    Windows work{
        .out_height = out.size(2),
        .out_width = out.size(3),
        .outputs = outputs,
        .image_step = x.size(2) * row,
        .row_step = g.stride[0] * row,
        .step = g.stride[1] * channels,
        .out_image_step = out.size(2) * out.size(3) * out.size(1),
        .out_row_step = out.size(3) * out.size(1),
        .out_step = out.size(1),
        .runs = static_cast<int64_t>(starts.size()),
        .length = whole_rows ? kernel_x * channels : of_group,
        .starts = starts.data(),
        .x = float_data(x),
        .weights = float_data(packed),
        .bias = float_data(bias),
        .added = float_data(added),
        .out = out.mutable_data_ptr<float>(),
        .activation = activation,
    };
    for (int64_t group = 0; group < g.groups; group++) {
        run(work, out.size(0));
        work.x += of_group;
        work.weights += packed.size(1);
        work.bias += outputs;
        work.out += outputs;
        work.added = work.added == nullptr ? nullptr : work.added + outputs;
    }
}

}  // namespace cresset::windows
