#include "operators/upsampling.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/upsample_bilinear2d.h>
#include <ATen/ops/upsample_nearest2d.h>
#include <torch/csrc/jit/ir/ir.h>
#include <torch/csrc/jit/runtime/custom_operator.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include "kernels/kernels.h"
#include "operators/nodes.h"
#include "operators/parallel.h"
#include "operators/tensors.h"

namespace cresset {

namespace {

// What the caller says of one axis.
struct Wish {
    int64_t in, out;
    std::optional<double> scale;  // as the caller gave it
};

// How far apart neighbouring pixels of the output are in the input.
float ratio_of(const Wish& wish) {
    const bool given = wish.scale && *wish.scale > 0;
    return given ? static_cast<float>(1.0 / *wish.scale) : static_cast<float>(wish.in) / wish.out;
}

// Where each pixel of the output comes from.
std::vector<int64_t> nearest(const Wish& wish) {
    std::vector<int64_t> from(wish.out);
    const float ratio = ratio_of(wish);
    for (int64_t i = 0; i < wish.out; i++) {
        if (wish.out == wish.in) {
            from[i] = i;
        } else if (wish.out == 2 * wish.in) {
            from[i] = i / 2;
        } else {
            from[i] = std::min(static_cast<int64_t>(std::floor(i * ratio)), wish.in - 1);
        }
    }
    return from;
}

// Between which two pixels, and how much the second counts.
struct Between {
    std::vector<int64_t> first, second;
    std::vector<float> weights;

    Between(const Wish& wish, bool aligns_corners) : first(wish.out), second(wish.out), weights(wish.out) {
        const float aligned = wish.out > 1 ? static_cast<float>(wish.in - 1) / (wish.out - 1) : 0;
        const float ratio = aligns_corners ? aligned : ratio_of(wish);
        for (int64_t i = 0; i < wish.out; i++) {
            if (wish.out == wish.in) {
                first[i] = second[i] = i;
                continue;
            }
            const float at = aligns_corners ? ratio * i : std::max(ratio * (i + 0.5f) - 0.5f, 0.f);
            first[i] = std::min(static_cast<int64_t>(at), wish.in - 1);
            second[i] = first[i] + (first[i] < wish.in - 1 ? 1 : 0);
            weights[i] = std::min(std::max(at - first[i], 0.f), 1.f);
        }
    }
};

at::Tensor empty_of(const at::Tensor& x, const std::vector<Wish>& wishes) {
    return at::detail::empty_cpu({x.size(0), x.size(1), wishes[0].out, wishes[1].out}, at::kFloat, false, at::MemoryFormat::ChannelsLast);
}

at::Tensor by_nearest(const at::Tensor& x, const std::vector<Wish>& wishes) {
    const auto rows = nearest(wishes[0]), columns = nearest(wishes[1]);
    const int64_t channels = x.size(1), row = x.size(3) * channels, out_row = wishes[1].out * channels;
    const at::Tensor out = empty_of(x, wishes);
    const float* from = float_data(x);
    float* to = out.mutable_data_ptr<float>();
    at::parallel_for(0, x.size(0) * wishes[0].out, grain_size(out_row), [&](int64_t first, int64_t last) {
        for (int64_t y = first; y < last; y++) {
            const float* source = from + (y / wishes[0].out * x.size(2) + rows[y % wishes[0].out]) * row;
            for (size_t column = 0; column < columns.size(); column++) {
                std::copy_n(source + columns[column] * channels, channels, to + y * out_row + column * channels);
            }
        }
    });
    return out;
}

at::Tensor by_bilinear(const at::Tensor& x, const std::vector<Wish>& wishes, bool aligns_corners) {
    const Between rows(wishes[0], aligns_corners), columns(wishes[1], aligns_corners);
    const int64_t channels = x.size(1), row = x.size(3) * channels, out_row = wishes[1].out * channels;
    const at::Tensor out = empty_of(x, wishes);
    const float* from = float_data(x);
    float* to = out.mutable_data_ptr<float>();
    at::parallel_for(0, x.size(0) * wishes[0].out, grain_size(4 * out_row), [&](int64_t first, int64_t last) {
        for (int64_t y = first; y < last; y++) {
            const float* image = from + y / wishes[0].out * x.size(2) * row;
            const int64_t of_image = y % wishes[0].out;
            kernels()->blend({channels, wishes[1].out, image + rows.first[of_image] * row, image + rows.second[of_image] * row,
                              rows.weights[of_image], columns.first.data(), columns.second.data(), columns.weights.data(), to + y * out_row});
        }
    });
    return out;
}

bool is_supported(const at::Tensor& x) {
    return kernels() != nullptr && x.scalar_type() == at::kFloat && is_image(x) && has_channels_last(x);
}

bool are_two(const c10::IValue& value) { return value.isNone() || value.toListRef().size() == 2; }

std::optional<double> number_in(const c10::IValue& value, size_t axis) {
    if (value.isNone()) {
        return std::nullopt;
    }
    return value.isList() ? value.toListRef()[axis].toDouble() : value.toScalar().toDouble();
}

// Sizes of the output, of which LibTorch takes either those that are given or the input's, so many times as large; nothing, if it is to
// say what is wrong with them.
std::optional<std::vector<Wish>> wishes_of(const at::Tensor& x, const c10::IValue& sizes, const c10::IValue& scale_y,
                                           const c10::IValue& scale_x) {
    std::vector<Wish> wishes;
    for (int64_t axis = 0; axis < 2; axis++) {
        Wish wish{x.size(2 + axis), 0, number_in(axis == 0 ? scale_y : scale_x, axis)};
        if (!sizes.isNone()) {
            wish.out = sizes.toIntVector()[axis];
        } else if (wish.scale) {
            wish.out = static_cast<int64_t>(wish.in * *wish.scale);
        }
        if (wish.out <= 0) {
            return std::nullopt;
        }
        wishes.push_back(wish);
    }
    return wishes;
}

// The node has LibTorch's inputs: image, sizes, (of bilinear: whether corners are aligned,) scales: one list of them, or two numbers.
at::Tensor upsampled(const std::vector<c10::IValue>& in, bool is_bilinear) {
    const at::Tensor& x = in[0].toTensor();
    const size_t scales = is_bilinear ? 3 : 2;
    const bool one_list = in.size() == scales + 1;
    const bool fits = is_supported(x) && are_two(in[1]) && (!one_list || (are_two(in[scales]) && in[1].isNone() != in[scales].isNone()));
    const auto wishes = fits ? wishes_of(x, in[1], in[scales], in[one_list ? scales : scales + 1]) : std::nullopt;
    if (wishes) {
        return is_bilinear ? by_bilinear(x, *wishes, in[2].toBool()) : by_nearest(x, *wishes);
    }
    if (one_list) {
        const auto sizes = in[1].isNone() ? std::nullopt : std::optional(in[1].toIntVector());
        const auto factors = in[scales].isNone() ? std::nullopt : std::optional(in[scales].toDoubleVector());
        const auto size = sizes ? at::OptionalIntArrayRef(*sizes) : at::OptionalIntArrayRef();
        const auto factor = factors ? std::optional<at::ArrayRef<double>>(*factors) : std::nullopt;
        return is_bilinear ? at::upsample_bilinear2d(x, size, in[2].toBool(), factor) : at::upsample_nearest2d(x, size, factor);
    }
    const auto size = in[1].toIntVector();
    const auto scale_y = number_in(in[scales], 0), scale_x = number_in(in[scales + 1], 1);
    return is_bilinear ? at::upsample_bilinear2d(x, size, in[2].toBool(), scale_y, scale_x)
                       : at::upsample_nearest2d(x, size, scale_y, scale_x);
}

template <bool IS_BILINEAR>
torch::jit::Operation upsampling_of(const torch::jit::Node* node) {
    const size_t count = node->inputs().size();
    return [count](torch::jit::Stack& stack) {
        const std::vector<c10::IValue> in = torch::jit::pop(stack, count);
        torch::jit::push(stack, upsampled(in, IS_BILINEAR));
    };
}

}  // namespace

void register_upsampling() {
    static torch::jit::RegisterOperators registered(
        {torch::jit::Operator(nodes::kBilinear, torch::jit::OperationCreator(upsampling_of<true>), c10::AliasAnalysisKind::PURE_FUNCTION),
         torch::jit::Operator(nodes::kNearest, torch::jit::OperationCreator(upsampling_of<false>), c10::AliasAnalysisKind::PURE_FUNCTION)});
}

}  // namespace cresset
