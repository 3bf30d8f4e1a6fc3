#include "operators/squeeze_excitation.h"

#include <ATen/ops/adaptive_avg_pool2d.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/mean.h>
#include <ATen/ops/mul.h>
#include <torch/csrc/jit/ir/ir.h>
#include <torch/csrc/jit/runtime/custom_operator.h>

#include <array>

#include "kernels/kernels.h"
#include "operators/nodes.h"
#include "operators/parallel.h"
#include "operators/tensors.h"

namespace cresset {

namespace {

bool is_supported(const at::Tensor& x) {
    return kernels() != nullptr && x.scalar_type() == at::kFloat && is_image(x) && has_channels_last(x);
}

at::Tensor empty_image(at::IntArrayRef sizes) {
    return at::detail::empty_cpu(sizes, at::kFloat, false, at::MemoryFormat::ChannelsLast);
}

// Of an image that is_supported.
at::Tensor channel_means(const at::Tensor& x) {
    const int64_t channels = x.size(1), pixels = x.size(2) * x.size(3);
    const std::array<int64_t, 4> sizes{x.size(0), channels, 1, 1};
    const auto out = empty_image(sizes);
    const float* from = x.const_data_ptr<float>();
    float* to = out.mutable_data_ptr<float>();
    at::parallel_for(0, x.size(0), 1, [&](int64_t first, int64_t last) {
        for (int64_t image = first; image < last; image++) {
            kernels()->mean(from + image * pixels * channels, pixels, channels, to + image * channels);
        }
    });
    return out;
}

// The image is written over if it is nobody else's.
at::Tensor scaled_channels(at::Tensor x, const at::Tensor& by) {
    const bool fits = is_supported(x) && is_supported(by) && by.size(0) == x.size(0) && by.size(1) == x.size(1) && by.size(2) == 1 &&
                      by.size(3) == 1;
    if (!fits) {
        return at::mul(x, by);
    }
    const auto out = is_exclusive(x) ? x : empty_image(x.sizes());
    const int64_t channels = x.size(1), pixels = x.size(2) * x.size(3);
    const float* from = x.const_data_ptr<float>();
    const float* factors = by.const_data_ptr<float>();
    float* to = out.mutable_data_ptr<float>();
    at::parallel_for(0, x.size(0), 1, [&](int64_t first, int64_t last) {
        for (int64_t image = first; image < last; image++) {
            const int64_t start = image * pixels * channels;
            kernels()->scale(from + start, pixels, channels, factors + image * channels, to + start);
        }
    });
    return out;
}

// A pooling to one pixel or, if the node says over which dimensions, a mean.
torch::jit::Operation means_operation(const torch::jit::Node* node) {
    if (!node->hasAttribute(nodes::kDimensions)) {
        return [](torch::jit::Stack& stack) {
            const auto& x = stack.back().toTensor();
            stack.back() = is_supported(x) ? channel_means(x) : at::adaptive_avg_pool2d(x, {1, 1});
        };
    }
    const auto dimensions = node->is(nodes::kDimensions);
    const bool keeps = node->i(nodes::kKeepsDimension) != 0;
    return [dimensions, keeps](torch::jit::Stack& stack) {
        const auto& x = stack.back().toTensor();
        const auto out = is_supported(x) ? channel_means(x) : at::mean(x, dimensions, keeps);
        stack.back() = keeps || !is_supported(x) ? out : out.view({x.size(0), x.size(1)});
    };
}

torch::jit::Operation scale_operation(const torch::jit::Node*) {
    return [](torch::jit::Stack& stack) {
        const auto by = torch::jit::pop(stack).toTensor();
        auto x = torch::jit::pop(stack).toTensor();
        torch::jit::push(stack, scaled_channels(std::move(x), by));
    };
}

}  // namespace

void register_squeeze_excitation() {
    static torch::jit::RegisterOperators registered(
        {torch::jit::Operator(nodes::kChannelMeans, torch::jit::OperationCreator(means_operation),
                              c10::AliasAnalysisKind::PURE_FUNCTION),
         torch::jit::Operator(nodes::kScaledChannels, torch::jit::OperationCreator(scale_operation),
                              c10::AliasAnalysisKind::PURE_FUNCTION)});
}

}  // namespace cresset
