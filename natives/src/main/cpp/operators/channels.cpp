#include "operators/channels.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <torch/csrc/jit/ir/ir.h>
#include <torch/csrc/jit/runtime/custom_operator.h>

#include "operators/nodes.h"
#include "operators/parallel.h"
#include "operators/tensors.h"

namespace cresset::channels {

bool is_supported(const at::Tensor& image) {
    return kernels() != nullptr && image.scalar_type() == at::kFloat && is_image(image) && has_channels_last(image);
}

bool lie_alike(const std::vector<at::Tensor>& images) {
    const auto& first = images.front();
    for (const auto& x : images) {
        if (!is_supported(x) || x.size(0) != first.size(0) || x.size(2) != first.size(2) || x.size(3) != first.size(3)) {
            return false;
        }
    }
    return true;
}

at::Tensor empty_image(const at::Tensor& like, int64_t channels) {
    return at::detail::empty_cpu({like.size(0), channels, like.size(2), like.size(3)}, at::kFloat, false, at::MemoryFormat::ChannelsLast);
}

at::Tensor joined(const std::vector<at::Tensor>& images, int64_t channels, const float* scale, const float* shift, Activation activation) {
    const at::Tensor out = empty_image(images.front(), channels);
    std::vector<ScaledChannels> works;
    int64_t before = 0;
    for (const auto& x : images) {
        works.push_back({
            .channels = x.size(1),
            .out_step = channels,
            .x = float_data(x),
            .scale = scale == nullptr ? nullptr : scale + before,
            .shift = scale == nullptr ? nullptr : shift + before,
            .out = out.mutable_data_ptr<float>() + before,
            .activation = activation,
        });
        before += x.size(1);
    }
    const int64_t pixels = out.size(0) * out.size(2) * out.size(3);
    at::parallel_for(0, pixels, grain_size(channels), [&](int64_t first, int64_t last) {
        for (const auto& work : works) {
            kernels()->scale_and_shift(work, first, last);
        }
    });
    return out;
}

int64_t count(const std::vector<at::Tensor>& images) {
    int64_t channels = 0;
    for (const auto& x : images) {
        channels += x.size(1);
    }
    return channels;
}

std::vector<at::Tensor> as_images(const std::vector<at::Tensor>& all) {
    std::vector<at::Tensor> images;
    for (const auto& x : all) {
        images.push_back(as_image(x));
    }
    return images;
}

std::vector<at::Tensor> popped(torch::jit::Stack& stack, size_t count) {
    std::vector<at::Tensor> all(count);
    for (size_t i = count; i-- > 0;) {
        all[i] = torch::jit::pop(stack).toTensor();
    }
    return all;
}

namespace {

at::Tensor concatenated(const std::vector<at::Tensor>& all) {
    const auto images = as_images(all);
    if (!lie_alike(images)) {
        return at::cat(all, 1);
    }
    const at::Tensor out = joined(images, count(images), nullptr, nullptr, Activation::kNone);
    return all.front().dim() == 3 ? out.squeeze(2) : out;
}

torch::jit::Operation concatenation_operation(const torch::jit::Node* node) {
    const size_t inputs = node->inputs().size();
    return [inputs](torch::jit::Stack& stack) {
        const auto all = popped(stack, inputs);
        torch::jit::push(stack, concatenated(all));
    };
}

}  // namespace

void register_concatenation() {
    static torch::jit::RegisterOperators registered({torch::jit::Operator(
        nodes::kConcatenation, torch::jit::OperationCreator(concatenation_operation), c10::AliasAnalysisKind::PURE_FUNCTION)});
}

}  // namespace cresset::channels
