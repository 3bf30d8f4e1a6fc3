#include "operators/stem.h"

#include <ATen/ops/zeros.h>

#include <atomic>
#include <vector>

#include "kernels/stem_transform.h"
#include "memory/scratch.h"
#include "operators/parallel.h"
#include "operators/tensors.h"

namespace cresset::stem {

namespace {

constexpr int64_t kMaxChannels = 12;

int64_t elements(int64_t kernel) { return (kernel + 1) / 2 + 3; }

// Those weights that meet rows of one parity.
template <int TAPS>
void pack_rows(const at::Tensor& weight, int64_t parity, const at::Tensor& result) {
    static constexpr auto kFilter = filter<TAPS>();
    constexpr int kElements = Filter<TAPS>::kElements;
    const int64_t outputs = weight.size(0), channels = weight.size(1), kernel = weight.size(2), panel = kernels()->panel;
    const auto* from = weight.const_data_ptr<float>();
    auto* to = result.mutable_data_ptr<float>();
    for (int64_t k = 0; k < outputs; k++) {
        for (int64_t c = 0; c < channels; c++) {
            for (int64_t x = 0; x < kernel; x++) {
                for (int element = 0; element < kElements; element++) {
                    double sum = 0;
                    for (int tap = 0; tap < TAPS; tap++) {
                        const int64_t y = 2 * tap + parity;
                        sum += kFilter.of_weights[element][tap] * from[((k * channels + c) * kernel + y) * kernel + x];
                    }
                    const int64_t of_panel = k / panel * elements(kernel) + place_of(element, TAPS, kernel);
                    const int64_t row = (of_panel * 2 + parity) * channels + c;
                    to[(row * kernel + x) * panel + k % panel] = static_cast<float>(sum);
                }
            }
        }
    }
}

void compute_left_out(const Stem& work, int64_t images, const float* weights) {
    const int64_t plane = work.height * work.width;
    const ReferenceConvolution reference{
        .height = work.height,
        .width = work.width,
        .channels = work.channels,
        .outputs = work.outputs,
        .kernel = work.kernel,
        .stride = 2,
        .padding_y = work.padding_y,
        .padding_x = work.padding_x,
        .out_height = work.out_height,
        .out_width = work.out_width,
        .image_step = work.channels * plane,
        .row_step = work.width,
        .column_step = 1,
        .channel_step = plane,
        .x = work.x,
        .weights = weights,
        .bias = work.bias,
        .added = work.added,
        .out = work.out,
        .activation = work.activation,
    };
    at::parallel_for(0, images * work.row_tiles, 1, [&](int64_t first, int64_t last) {
        for (int64_t i = first * work.out_width; i < last * work.out_width; i++) {
            const int64_t tile = i / work.out_width;
            const int64_t image = tile / work.row_tiles, y = tile % work.row_tiles * Stem::kTileRows;
            for (int64_t row = 0; row < Stem::kTileRows; row++) {
                if (work.left_out[i] >> row & 1) {
                    kernels()->reference_pixel(reference, image, y + row, i % work.out_width);
                }
            }
        }
    });
}

}  // namespace

bool supports(const at::Tensor& weight, const convolution::Geometry& g) {
    const std::vector<int64_t> one{1, 1}, two{2, 2};
    const int64_t kernel = weight.size(2);
    const bool is_known_size = (kernel == 5 || kernel == 7) && weight.size(3) == kernel && weight.size(1) <= kMaxChannels;
    return kernels() != nullptr && weight.scalar_type() == at::kFloat && is_known_size &&
           weight.size(0) % kernels()->panel == 0 && g.groups == 1 && g.stride == two && g.dilation == one &&
           !outliers::among(weight);
}

at::Tensor pack(const at::Tensor& weight) {
    const auto plain = weight.contiguous();
    const int64_t outputs = weight.size(0), kernel = weight.size(2), panel = kernels()->panel;
    const auto result =
        at::zeros({outputs / panel, elements(kernel), 2, weight.size(1), kernel, panel}, at::kFloat);
    if (kernel == 7) {
        pack_rows<4>(plain, 0, result);
        pack_rows<3>(plain, 1, result);
    } else {
        pack_rows<3>(plain, 0, result);
        pack_rows<2>(plain, 1, result);
    }
    return result;
}

void convolve(const at::Tensor& planes, const at::Tensor& packed, outliers::ReferenceWeights& reference, const convolution::Geometry& g,
              const at::Tensor& bias, const at::Tensor& added, Activation activation, const at::Tensor& out) {
    const int64_t row_tiles = (out.size(2) + Stem::kTileRows - 1) / Stem::kTileRows;
    std::vector<uint8_t> left_out(planes.size(0) * row_tiles * out.size(3));
    const Stem work{
        .height = planes.size(2),
        .width = planes.size(3),
        .channels = planes.size(1),
        .outputs = out.size(1),
        .kernel = packed.size(4),
        .padding_y = g.padding[0],
        .padding_x = g.padding[1],
        .out_height = out.size(2),
        .out_width = out.size(3),
        .row_tiles = row_tiles,
        .columns = planes.size(3) + 2 * g.padding[1],
        .x = float_data(planes),
        .weights = float_data(packed),
        .bias = float_data(bias),
        .added = float_data(added),
        .out = out.mutable_data_ptr<float>(),
        .activation = activation,
        .left_out = left_out.data(),
    };
    std::atomic<bool> some_left_out = false;
    const int64_t of_a_tile = Stem::kTileRows * work.out_width * work.outputs * work.channels * work.kernel * work.kernel;
    at::parallel_for(0, planes.size(0) * work.row_tiles, grain_size(of_a_tile), [&](int64_t first, int64_t last) {
        const int64_t transformed = elements(work.kernel) * 2 * work.channels * work.columns;
        const int64_t energies = (Stem::kTileRows + 1) * (work.columns + kernels()->panel);
        const Scratch scratch(transformed + energies);
        if (kernels()->stem(work, first, last, scratch.get())) {
            some_left_out = true;
        }
    });
    if (some_left_out) {
        compute_left_out(work, planes.size(0), reference.packed().const_data_ptr<float>());
    }
}

}  // namespace cresset::stem
