#include "operators/implicit_gemm.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/stack.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "operators/parallel.h"
#include "operators/pointwise.h"
#include "operators/tensors.h"

namespace cresset::implicit_gemm {

namespace {

// What a run is of: a row of the window or, where windows skip pixels or channels, a pixel.
bool has_whole_rows(const convolution::Geometry& g) { return g.dilation.back() == 1 && g.groups == 1; }

int64_t run_length(const at::Tensor& weight, const convolution::Geometry& g) {
    return weight.size(1) * (has_whole_rows(g) ? weight.size(-1) : 1);
}

// As kernels/implicit_gemm.h says.
bool are_few(int64_t outputs, int64_t length) { return outputs <= 4 && length >= kernels()->lanes; }

}  // namespace

bool supports(const at::Tensor& weight, int64_t outputs, int64_t groups) {
    // What is padded with is multiplied, too.
    const auto is_finite = [&] {
        const auto plain = weight.contiguous();
        const float* numbers = float_data(plain);
        return std::all_of(numbers, numbers + plain.numel(), [](float number) { return std::isfinite(number); });
    };
    // A group's outputs fill vectors, or they would be written over the next one's.
    return kernels() != nullptr && weight.scalar_type() == at::kFloat && (groups == 1 || outputs % kernels()->lanes == 0) && is_finite();
}

bool supports(const at::Tensor& weight, const convolution::Geometry& g) { return supports(weight, weight.size(0) / g.groups, g.groups); }

bool has_few_outputs(const at::Tensor& weight, const convolution::Geometry& g) {
    return g.groups == 1 && supports(weight, g) && are_few(weight.size(0), run_length(weight, g));
}

at::Tensor padded(const at::Tensor& x, const std::vector<int64_t>& zeros_before, const std::vector<int64_t>& zeros_after) {
    const auto is_none = [](const std::vector<int64_t>& zeros) {
        return std::all_of(zeros.begin(), zeros.end(), [](int64_t count) { return count == 0; });
    };
    if (is_none(zeros_before) && is_none(zeros_after)) {
        return x;
    }
    // An image is a volume of one frame.
    const bool is_image = x.dim() == 4;
    const int64_t volumes = x.size(0), channels = x.size(1), depth = is_image ? 1 : x.size(2), height = x.size(-2), width = x.size(-1);
    const size_t axis = is_image ? 0 : 1;
    const int64_t front = is_image ? 0 : zeros_before[0], back = is_image ? 0 : zeros_after[0], above = zeros_before[axis];
    const int64_t before = zeros_before[axis + 1] * channels, after = zeros_after[axis + 1] * channels;
    const int64_t frames = front + depth + back, rows = above + height + zeros_after[axis];
    const int64_t numbers = width * channels, row_numbers = before + numbers + after;
    auto sizes = x.sizes().vec();
    for (size_t i = 0; i < zeros_before.size(); i++) {
        sizes[2 + i] += zeros_before[i] + zeros_after[i];
    }
    const at::Tensor result = at::detail::empty_cpu(sizes, at::kFloat, false, is_image ? at::MemoryFormat::ChannelsLast : at::MemoryFormat::ChannelsLast3d);
    const float* from = float_data(x);
    float* to = result.mutable_data_ptr<float>();
    at::parallel_for(0, volumes * frames * rows, grain_size(row_numbers), [&](int64_t first, int64_t last) {
        for (int64_t row = first; row < last; row++) {
            const int64_t z = row / rows % frames - front, y = row % rows - above;
            float* at = to + row * row_numbers;
            if (z < 0 || z >= depth || y < 0 || y >= height) {
                std::fill_n(at, row_numbers, 0.f);
                continue;
            }
            std::fill_n(at, before, 0.f);
            std::copy_n(from + ((row / rows / frames * depth + z) * height + y) * numbers, numbers, at + before);
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

at::Tensor pack_runs(const at::Tensor& weight, int64_t length) {
    if (are_few(weight.size(1), length)) {
        return weight.flatten(1).contiguous();
    }
    // As single pixels of so many channels as a window has numbers.
    std::vector<at::Tensor> groups;
    for (const auto& group : weight.unbind()) {
        groups.push_back(pointwise::pack(group.unsqueeze(-1).unsqueeze(-1)));
    }
    return at::stack(groups);
}

at::Tensor pack(const at::Tensor& weight, const convolution::Geometry& g) {
    return pack_runs(weight.movedim(1, -1).reshape({g.groups, weight.size(0) / g.groups, -1}), run_length(weight, g));
}

void convolve(const at::Tensor& image, const at::Tensor& plain, const at::Tensor& packed, const convolution::Geometry& g,
              const at::Tensor& bias, const at::Tensor& added, Activation activation, const at::Tensor& out) {
    const at::Tensor x = padded(image, g.padding, g.padding_after);
    // Images are the frames of one volume, whose windows have one frame each.
    const bool are_images = x.dim() == 4;
    const int64_t volumes = are_images ? 1 : x.size(0), out_frames = are_images ? x.size(0) : out.size(2);
    const int64_t kernel_z = are_images ? 1 : plain.size(2), stride_z = are_images ? 1 : g.stride[0], dilation_z = are_images ? 1 : g.dilation[0];
    const int64_t kernel_y = plain.size(-2), kernel_x = plain.size(-1);
    const size_t axis = are_images ? 0 : 1;
    const int64_t channels = x.size(1), of_group = plain.size(1), outputs = out.size(1) / g.groups;
    const int64_t row = x.size(-1) * channels, frame = x.size(-2) * row, out_row = out.size(-1) * out.size(1), out_frame = out.size(-2) * out_row;
    const bool whole_rows = has_whole_rows(g);
    std::vector<int64_t> starts;
    for (int64_t z = 0; z < kernel_z; z++) {
        for (int64_t y = 0; y < kernel_y; y++) {
            for (int64_t x = 0; x < (whole_rows ? 1 : kernel_x); x++) {
                starts.push_back(z * dilation_z * frame + y * g.dilation[axis] * row + x * g.dilation[axis + 1] * channels);
            }
        }
    }
    for (int64_t volume = 0; volume < volumes; volume++) {
        Windows work{
            .out_height = out.size(-2),
            .out_width = out.size(-1),
            .outputs = outputs,
            .image_step = stride_z * frame,
            .row_step = g.stride[axis] * row,
            .step = g.stride[axis + 1] * channels,
            .out_image_step = out_frame,
            .out_row_step = out_row,
            .out_step = out.size(1),
            .runs = static_cast<int64_t>(starts.size()),
            .length = run_length(plain, g),
            .starts = starts.data(),
            .x = float_data(x) + volume * (x.numel() / volumes),
            .weights = float_data(packed),
            .bias = float_data(bias),
            .added = added.defined() ? float_data(added) + volume * out_frames * out_frame : nullptr,
            .out = out.mutable_data_ptr<float>() + volume * out_frames * out_frame,
            .activation = activation,
        };
        for (int64_t group = 0; group < g.groups; group++) {
            run(work, out_frames);
            work.x += of_group;
            work.weights += packed.size(1);
            work.bias += outputs;
            work.out += outputs;
            work.added = work.added == nullptr ? nullptr : work.added + outputs;
        }
    }
}

}  // namespace cresset::implicit_gemm
