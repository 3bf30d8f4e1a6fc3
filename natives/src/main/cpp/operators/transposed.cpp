#include "operators/transposed.h"

#include <ATen/ops/conv_transpose1d.h>
#include <ATen/ops/conv_transpose2d.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <torch/csrc/jit/ir/ir.h>
#include <torch/csrc/jit/runtime/custom_operator.h>

#include <algorithm>
#include <array>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "memory/caching_allocator.h"
#include "operators/activations.h"
#include "operators/biases.h"
#include "operators/nodes.h"
#include "operators/parallel.h"
#include "operators/pointwise.h"
#include "operators/shared_weights.h"
#include "operators/tensors.h"
#include "operators/implicit_gemm.h"

namespace cresset::transposed {

namespace {

// The weights of one axis that meet a phase: which they are, and how far from the pixel where the phase's window is counted from.
struct Taps {
    std::vector<int64_t> weights, offsets;  // from the nearest to the top or the left on
};

// Pixel y of the output is the sum over weights k of pixel (y + padding - k * dilation) / stride, where that is one.
Taps taps_of(int64_t phase, int64_t kernel, int64_t axis, const Geometry& g) {
    Taps taps;
    for (int64_t k = kernel - 1; k >= 0; k--) {
        const int64_t from = phase + g.padding[axis] - k * g.dilation[axis];
        if (from % g.stride[axis] == 0) {
            taps.weights.push_back(k);
            taps.offsets.push_back(from / g.stride[axis]);
        }
    }
    return taps;
}

// An axis: how its phases lie on the image.
struct Axis {
    std::vector<Taps> phases;
    int64_t before = 0;  // zeros that they need before the image

    Axis(int64_t kernel, int64_t axis, const Geometry& g) {
        for (int64_t phase = 0; phase < g.stride[axis]; phase++) {
            phases.push_back(taps_of(phase, kernel, axis, g));
            for (const int64_t offset : phases.back().offsets) {
                before = std::max(before, -offset);
            }
        }
    }

    // Pixels of the output in a phase.
    int64_t count(int64_t phase, int64_t out) const {
        const int64_t stride = phases.size();
        return out <= phase ? 0 : (out - phase + stride - 1) / stride;
    }

    // Zeros behind an image of `in` pixels.
    int64_t after(int64_t in, int64_t out) const {
        int64_t most = 0;
        for (size_t phase = 0; phase < phases.size(); phase++) {
            const auto& offsets = phases[phase].offsets;
            if (!offsets.empty() && count(phase, out) > 0) {
                most = std::max(most, count(phase, out) + offsets.back() - in);
            }
        }
        return most;
    }
};

int64_t out_size(int64_t in, int64_t kernel, int64_t axis, const Geometry& g) {
    return (in - 1) * g.stride[axis] - 2 * g.padding[axis] + g.dilation[axis] * (kernel - 1) + g.output_padding[axis] + 1;
}

// Whether pixels that a window meets in a row lie side by side, with all of their channels.
bool are_whole_rows(const Taps& columns, const Geometry& g) {
    return g.groups == 1 && std::adjacent_find(columns.offsets.begin(), columns.offsets.end(),
                                               [](int64_t a, int64_t b) { return b != a + 1; }) == columns.offsets.end();
}

bool is_single_pixel(const at::Tensor& x, const Geometry& g) {
    const std::vector<int64_t> none{0, 0}, one{1, 1};
    return x.size(2) == 1 && x.size(3) == 1 && g.groups == 1 && g.padding == none && g.output_padding == none && g.dilation == one;
}

// Constant weights, packed for the kernels by the first image.
class Weights {
 public:
    Weights(at::Tensor plain, Geometry geometry)
        : plain_(std::move(plain)), geometry_(std::move(geometry)), rows_(plain_.size(2), 0, geometry_), columns_(plain_.size(3), 1, geometry_) {}

    static std::shared_ptr<Weights> of(const at::Tensor& plain, const Geometry& geometry) {
        // Never destroyed: threads may still be here when the process ends.
        static auto& known = *new SharedWeights<std::pair<const void*, Geometry>, Weights>;
        return known.of({plain.unsafeGetTensorImpl(), geometry}, [&] { return std::make_shared<Weights>(plain, geometry); });
    }

    const at::Tensor& plain() const { return plain_; }
    const Geometry& geometry() const { return geometry_; }
    int64_t outputs() const { return plain_.size(1) * geometry_.groups; }

    std::array<int64_t, 4> sizes_of(const at::Tensor& x) const {
        return {x.size(0), outputs(), out_size(x.size(2), plain_.size(2), 0, geometry_), out_size(x.size(3), plain_.size(3), 1, geometry_)};
    }

    // Whether it was packed for images of this kind.
    bool packed_for(const at::Tensor& x) {
        std::call_once(packed_once_, [&] {
            const NoCachingGuard memory;
            single_ = is_single_pixel(x, geometry_);
            packed_ = single_ ? std::vector{packed_for_one_pixel()} : packed_by_phase();
        });
        return !single_ || is_single_pixel(x, geometry_);
    }

    // A bias as it is added: to one pixel's products, for each of the weights that it meets. Once they are packed.
    at::Tensor padded_bias(const std::optional<at::Tensor>& bias) const {
        if (!single_ || !bias) {
            return cresset::padded_bias(bias, single_ ? plain_.numel() / plain_.size(0) : outputs());
        }
        const auto all = bias->expand({plain_.size(2) * plain_.size(3), outputs()}).flatten();
        return cresset::padded_bias(all, all.numel());
    }

    void convolve(const at::Tensor& image, const at::Tensor& bias, Activation activation, const at::Tensor& out) const {
        single_ ? of_one_pixel(image, bias, activation, out) : of_phases(image, bias, activation, out);
    }

 private:
    // One pixel meets each weight once, in the order in which the output lies.
    at::Tensor packed_for_one_pixel() const {
        return pointwise::pack(plain_.permute({2, 3, 1, 0}).reshape({-1, plain_.size(0), 1, 1}));
    }

    void of_one_pixel(const at::Tensor& image, const at::Tensor& bias, Activation activation, const at::Tensor& out) const {
        const int64_t all = plain_.numel() / plain_.size(0);
        const convolution::Geometry each{{1, 1}, {0, 0}, {1, 1}, 1, {0, 0}};
        const at::Tensor pixels = at::from_blob(out.mutable_data_ptr(), {image.size(0), all, 1, 1}, {all, 1, all, all}, at::kFloat);
        pointwise::convolve(image, packed_[0], each, bias, at::Tensor(), activation, pixels);
    }

    // [phase]: of each group, panel by panel.
    std::vector<at::Tensor> packed_by_phase() const {
        const int64_t groups = geometry_.groups, of_group = plain_.size(0) / groups, outputs = plain_.size(1);
        std::vector<at::Tensor> packed;
        for (const auto& rows : rows_.phases) {
            for (const auto& columns : columns_.phases) {
                const int64_t taps = rows.weights.size() * columns.weights.size();
                if (taps == 0) {
                    packed.push_back(at::zeros({groups, 0}, at::kFloat));  // of what lies between
                    continue;
                }
                auto windows = plain_.index_select(2, at::tensor(rows.weights)).index_select(3, at::tensor(columns.weights));
                windows = windows.view({groups, of_group, outputs, taps}).permute({0, 2, 3, 1}).reshape({groups, outputs, -1});
                packed.push_back(implicit_gemm::pack_runs(windows, run_length(columns)));
            }
        }
        return packed;
    }

    int64_t run_length(const Taps& columns) const {
        return plain_.size(0) / geometry_.groups * (are_whole_rows(columns, geometry_) ? static_cast<int64_t>(columns.offsets.size()) : 1);
    }

    void of_phases(const at::Tensor& image, const at::Tensor& bias, Activation activation, const at::Tensor& out) const {
        const std::vector<int64_t> before{rows_.before, columns_.before};
        const std::vector<int64_t> after{rows_.after(image.size(2), out.size(2)), columns_.after(image.size(3), out.size(3))};
        const at::Tensor x = implicit_gemm::padded(image, before, after);
        auto packed = packed_.begin();
        for (size_t row = 0; row < rows_.phases.size(); row++) {
            for (size_t column = 0; column < columns_.phases.size(); column++) {
                of_phase(x, row, column, *packed++, bias, activation, out);
            }
        }
    }

    void of_phase(const at::Tensor& x, int64_t first_row, int64_t first_column, const at::Tensor& packed, const at::Tensor& bias,
                  Activation activation, const at::Tensor& out) const {
        const auto& rows = rows_.phases[first_row];
        const auto& columns = columns_.phases[first_column];
        const int64_t groups = geometry_.groups, channels = x.size(1), row = x.size(3) * channels, outputs = plain_.size(1);
        const bool whole_rows = are_whole_rows(columns, geometry_);
        std::vector<int64_t> starts;
        for (const int64_t y : rows.offsets) {
            for (const int64_t x : columns.offsets) {
                starts.push_back((y + rows_.before) * row + (x + columns_.before) * channels);
                if (whole_rows) {
                    break;
                }
            }
        }
        const int64_t out_row = out.size(3) * out.size(1);
        Windows work{
            .out_height = rows_.count(first_row, out.size(2)),
            .out_width = columns_.count(first_column, out.size(3)),
            .outputs = outputs,
            .image_step = x.size(2) * row,
            .row_step = row,
            .step = channels,
            .out_image_step = out.size(2) * out_row,
            .out_row_step = geometry_.stride[0] * out_row,
            .out_step = geometry_.stride[1] * out.size(1),
            .runs = static_cast<int64_t>(starts.size()),
            .length = run_length(columns),
            .starts = starts.data(),
            .x = float_data(x),
            .weights = float_data(packed),
            .bias = float_data(bias),
            .added = nullptr,
            .out = out.mutable_data_ptr<float>() + first_row * out_row + first_column * out.size(1),
            .activation = activation,
        };
        for (int64_t group = 0; group < groups && work.out_width > 0; group++) {
            implicit_gemm::run(work, x.size(0));
            work.x += channels / groups;
            work.weights += packed.size(1);
            work.bias += outputs;
            work.out += outputs;
        }
    }

    at::Tensor plain_;
    Geometry geometry_;
    Axis rows_, columns_;
    std::once_flag packed_once_;
    bool single_ = false;
    std::vector<at::Tensor> packed_;
};

class Transposed {
 public:
    Transposed(std::shared_ptr<Weights> weights, std::optional<at::Tensor> bias, Activation activation, bool is_of_rows)
        : weights_(std::move(weights)), bias_(std::move(bias)), activation_(activation), is_of_rows_(is_of_rows) {}

    at::Tensor operator()(const at::Tensor& input) {
        if (!is_of_rows_) {
            return of_images(input);
        }
        // Rows are images one pixel high.
        return input.dim() == 3 ? of_images(input.unsqueeze(2)).squeeze(2) : by_dispatch(input);
    }

 private:
    at::Tensor of_images(const at::Tensor& input) {
        if (!is_image(input) || input.scalar_type() != at::kFloat || input.size(1) != weights_->plain().size(0)) {
            return images_by_dispatch(input);  // which also says what is wrong with it
        }
        const auto sizes = weights_->sizes_of(input);
        if (sizes[2] <= 0 || sizes[3] <= 0 || !weights_->packed_for(input)) {
            return images_by_dispatch(input);
        }
        std::call_once(bias_once_, [&] {
            const NoCachingGuard memory;
            padded_bias_ = weights_->padded_bias(bias_);
        });
        const at::Tensor out = at::detail::empty_cpu(sizes, at::kFloat, false, at::MemoryFormat::ChannelsLast);
        weights_->convolve(input.contiguous(at::MemoryFormat::ChannelsLast), padded_bias_, activation_, out);
        return out;
    }

    at::Tensor by_dispatch(const at::Tensor& x) const {
        const auto& g = weights_->geometry();
        const auto& plain = weights_->plain();
        auto out = is_of_rows_ ? at::conv_transpose1d(x, plain.squeeze(2), bias_, g.stride[1], g.padding[1], g.output_padding[1],
                                                      g.groups, g.dilation[1])
                               : at::conv_transpose2d(x, plain, bias_, g.stride, g.padding, g.output_padding, g.groups, g.dilation);
        return activated(out, activation_);
    }

    // Of rows that have been made images.
    at::Tensor images_by_dispatch(const at::Tensor& x) const {
        return is_of_rows_ ? by_dispatch(x.squeeze(2)).unsqueeze(2) : by_dispatch(x);
    }

    std::shared_ptr<Weights> weights_;
    std::optional<at::Tensor> bias_;
    std::once_flag bias_once_;
    at::Tensor padded_bias_;
    Activation activation_;
    bool is_of_rows_;  // of one dimension
};

torch::jit::Operation transposed_of(const torch::jit::Node* node) {
    auto transposed = std::make_shared<Transposed>(
        Weights::of(node->t(nodes::kWeight), {node->is(nodes::kStride), node->is(nodes::kPadding), node->is(nodes::kOutputPadding),
                                              node->is(nodes::kDilation), node->i(nodes::kGroups)}),
        node->hasAttribute(nodes::kBias) ? std::optional<at::Tensor>(node->t(nodes::kBias)) : std::nullopt,
        static_cast<Activation>(node->i(nodes::kActivation)), node->i(nodes::kDimensions) == 1);
    return [transposed](torch::jit::Stack& stack) { stack.back() = (*transposed)(stack.back().toTensor()); };
}

}  // namespace

bool supports(const at::Tensor& weight, const Geometry& g) {
    return weight.size(0) % g.groups == 0 && implicit_gemm::supports(weight, weight.size(1), g.groups);
}

void register_transposed() {
    static torch::jit::RegisterOperators registered({torch::jit::Operator(
        nodes::kTransposed, torch::jit::OperationCreator(transposed_of), c10::AliasAnalysisKind::PURE_FUNCTION)});
}

}  // namespace cresset::transposed
