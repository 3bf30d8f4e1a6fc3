#include "operators/stem.h"

#include <ATen/Parallel.h>
#include <ATen/ops/zeros.h>

#include <atomic>
#include <vector>

#include "memory/scratch.h"

namespace cresset::stem {

namespace {

#include "kernels/stem_transform.h"

constexpr int64_t kMostChannels = 4;

// Multiplications that are worth a thread's waking.
constexpr int64_t kWorthAThread = 64 * 1024;

constexpr int64_t kRowsAtOnce = 4;  // of the output

int64_t elements(int64_t kernel) { return (kernel + 1) / 2 + 3; }

// Those weights that meet rows of one parity.
template <int TAPS>
void lay_out(const at::Tensor& weight, int64_t parity, const at::Tensor& result) {
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

void define_left_out(const Stem& work, int64_t images, const float* weights) {
    const int64_t plane = work.height * work.width;
    const Definition definition{work.height,
                                work.width,
                                work.channels,
                                work.outputs,
                                work.kernel,
                                /* stride= */ 2,
                                work.padding_y,
                                work.padding_x,
                                work.out_height,
                                work.out_width,
                                work.channels * plane,
                                work.width,
                                /* column_step= */ 1,
                                plane,
                                work.x,
                                weights,
                                work.bias,
                                work.added,
                                work.out,
                                work.activation};
    at::parallel_for(0, images * work.fours, 1, [&](int64_t first, int64_t last) {
        for (int64_t i = first * work.out_width; i < last * work.out_width; i++) {
            const int64_t four = i / work.out_width;
            for (int64_t row = 0; row < kRowsAtOnce; row++) {
                if (work.left_out[i] >> row & 1) {
                    kernels()->define(definition, four / work.fours, four % work.fours * kRowsAtOnce + row, i % work.out_width);
                }
            }
        }
    });
}

}  // namespace

bool takes(const at::Tensor& weight, const convolution::Geometry& g) {
    const std::vector<int64_t> one{1, 1}, two{2, 2};
    const int64_t kernel = weight.size(2);
    const bool is_known_size = (kernel == 5 || kernel == 7) && weight.size(3) == kernel && weight.size(1) <= kMostChannels;
    return kernels() != nullptr && weight.scalar_type() == at::kFloat && is_known_size &&
           weight.size(0) % kernels()->panel == 0 && g.groups == 1 && g.stride == two && g.dilation == one &&
           !outliers::among(weight);
}

at::Tensor laid_out(const at::Tensor& weight) {
    const auto plain = weight.contiguous();
    const int64_t outputs = weight.size(0), kernel = weight.size(2), panel = kernels()->panel;
    const auto result =
        at::zeros({outputs / panel, elements(kernel), 2, weight.size(1), kernel, panel}, at::kFloat);
    if (kernel == 7) {
        lay_out<4>(plain, 0, result);
        lay_out<3>(plain, 1, result);
    } else {
        lay_out<3>(plain, 0, result);
        lay_out<2>(plain, 1, result);
    }
    return result;
}

void convolve(const at::Tensor& planes, const at::Tensor& laid_out, outliers::ByDefinition& plain, const convolution::Geometry& g,
              const at::Tensor& bias, const at::Tensor& added, Activation activation, const at::Tensor& out) {
    Stem work;
    work.height = planes.size(2);
    work.width = planes.size(3);
    work.channels = planes.size(1);
    work.outputs = out.size(1);
    work.kernel = laid_out.size(4);
    work.padding_y = g.padding[0];
    work.padding_x = g.padding[1];
    work.out_height = out.size(2);
    work.out_width = out.size(3);
    work.fours = (work.out_height + kRowsAtOnce - 1) / kRowsAtOnce;
    work.columns = work.width + 2 * work.padding_x;
    work.x = planes.const_data_ptr<float>();
    work.weights = laid_out.const_data_ptr<float>();
    work.bias = bias.const_data_ptr<float>();
    work.added = added.defined() ? added.const_data_ptr<float>() : nullptr;
    work.out = out.mutable_data_ptr<float>();
    work.activation = activation;
    std::vector<uint8_t> left_out(planes.size(0) * work.fours * work.out_width);
    work.left_out = left_out.data();
    std::atomic<bool> some_left_out = false;
    const int64_t of_a_four = kRowsAtOnce * work.out_width * work.outputs * work.channels * work.kernel * work.kernel;
    at::parallel_for(0, planes.size(0) * work.fours, kWorthAThread / of_a_four + 1, [&](int64_t first, int64_t last) {
        const int64_t transformed = elements(work.kernel) * 2 * work.channels * work.columns;
        const int64_t energies = (kRowsAtOnce + 1) * (work.columns + kernels()->panel);
        const Scratch scratch(transformed + energies);
        if (kernels()->stem(work, first, last, scratch.get())) {
            some_left_out = true;
        }
    });
    if (some_left_out) {
        define_left_out(work, planes.size(0), plain.weights().const_data_ptr<float>());
    }
}

}  // namespace cresset::stem
