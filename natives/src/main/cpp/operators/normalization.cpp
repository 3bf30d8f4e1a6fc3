#include "operators/normalization.h"

#include <ATen/ops/batch_norm.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/group_norm.h>
#include <ATen/ops/instance_norm.h>
#include <torch/csrc/jit/ir/ir.h>
#include <torch/csrc/jit/runtime/custom_operator.h>

#include <cmath>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "kernels/kernels.h"
#include "operators/activations.h"
#include "operators/nodes.h"
#include "operators/parallel.h"
#include "operators/tensors.h"

namespace cresset {

namespace {

// Rows are images one pixel high.
at::Tensor as_image(const at::Tensor& x) { return x.dim() == 3 ? x.unsqueeze(2) : x; }

bool is_supported(const at::Tensor& x) {
    return kernels() != nullptr && x.scalar_type() == at::kFloat && is_image(x) && has_channels_last(x);
}

std::optional<at::Tensor> tensor_of(const torch::jit::Node* node, c10::Symbol name) {
    return node->hasAttribute(name) ? std::optional(node->t(name)) : std::nullopt;
}

std::vector<float> numbers_of(const std::optional<at::Tensor>& x, int64_t count, float otherwise) {
    if (!x) {
        return std::vector<float>(count, otherwise);
    }
    const at::Tensor plain = x->to(at::kFloat).contiguous();
    return {plain.const_data_ptr<float>(), plain.const_data_ptr<float>() + count};
}

// Images of one size, their channels behind one another.
bool lie_alike(const std::vector<at::Tensor>& all) {
    const auto& first = all.front();
    for (const auto& x : all) {
        if (!is_supported(x) || x.size(0) != first.size(0) || x.size(2) != first.size(2) || x.size(3) != first.size(3)) {
            return false;
        }
    }
    return true;
}

at::Tensor empty_image(const at::Tensor& like, int64_t channels) {
    return at::detail::empty_cpu({like.size(0), channels, like.size(2), like.size(3)}, at::kFloat, false, at::MemoryFormat::ChannelsLast);
}

// All channels of all images, in one pass.
at::Tensor joined(const std::vector<at::Tensor>& all, int64_t channels, const float* scale, const float* shift, Activation activation) {
    const at::Tensor out = empty_image(all.front(), channels);
    std::vector<ScaledChannels> works;
    int64_t before = 0;
    for (const auto& x : all) {
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

int64_t channels_of(const std::vector<at::Tensor>& all) {
    int64_t channels = 0;
    for (const auto& x : all) {
        channels += x.size(1);
    }
    return channels;
}

std::vector<at::Tensor> images_of(const std::vector<at::Tensor>& all) {
    std::vector<at::Tensor> images;
    for (const auto& x : all) {
        images.push_back(as_image(x));
    }
    return images;
}

// As many tensors from the stack as the node has inputs.
std::vector<at::Tensor> popped(torch::jit::Stack& stack, size_t count) {
    std::vector<at::Tensor> all(count);
    for (size_t i = count; i-- > 0;) {
        all[i] = torch::jit::pop(stack).toTensor();
    }
    return all;
}

at::Tensor concatenated(const std::vector<at::Tensor>& all) {
    const auto images = images_of(all);
    if (!lie_alike(images)) {
        return at::cat(all, 1);
    }
    const at::Tensor out = joined(images, channels_of(images), nullptr, nullptr, Activation::kNone);
    return all.front().dim() == 3 ? out.squeeze(2) : out;
}

// The statistics are the model's.
class BatchNormalization {
 public:
    explicit BatchNormalization(const torch::jit::Node* node)
        : weight_(tensor_of(node, nodes::kWeight)),
          bias_(tensor_of(node, nodes::kBias)),
          mean_(node->t(nodes::kMean)),
          variance_(node->t(nodes::kVariance)),
          epsilon_(node->f(nodes::kEpsilon)),
          activation_(static_cast<Activation>(node->i(nodes::kActivation))) {
        const int64_t channels = mean_.numel();
        scale_ = numbers_of(weight_, channels, 1);
        shift_ = numbers_of(bias_, channels, 0);
        const auto means = numbers_of(mean_, channels, 0), variances = numbers_of(variance_, channels, 1);
        for (int64_t c = 0; c < channels; c++) {
            scale_[c] *= 1 / std::sqrt(variances[c] + static_cast<float>(epsilon_));
            shift_[c] -= means[c] * scale_[c];
        }
    }

    at::Tensor operator()(const std::vector<at::Tensor>& all) const {
        const auto images = images_of(all);
        const auto channels = static_cast<int64_t>(scale_.size());
        if (!lie_alike(images) || channels_of(images) != channels) {
            const at::Tensor x = all.size() == 1 ? all.front() : at::cat(all, 1);
            return activated(at::batch_norm(x, weight_, bias_, mean_, variance_, false, 0, epsilon_, false), activation_);
        }
        const at::Tensor out = joined(images, channels, scale_.data(), shift_.data(), activation_);
        return all.front().dim() == 3 ? out.squeeze(2) : out;
    }

 private:
    std::optional<at::Tensor> weight_, bias_;
    at::Tensor mean_, variance_;
    double epsilon_;
    Activation activation_;
    std::vector<float> scale_, shift_;
};

// Each image by its own statistics.
class InstanceNormalization {
 public:
    explicit InstanceNormalization(const torch::jit::Node* node)
        : weight_(tensor_of(node, nodes::kWeight)),
          bias_(tensor_of(node, nodes::kBias)),
          epsilon_(node->f(nodes::kEpsilon)),
          activation_(static_cast<Activation>(node->i(nodes::kActivation))) {}

    at::Tensor operator()(const at::Tensor& x) const {
        const at::Tensor image = as_image(x);
        const bool fits = is_supported(image) && fits_channels(weight_, image) && fits_channels(bias_, image) &&
                          image.size(2) * image.size(3) > 1;
        if (!fits) {
            return activated(at::instance_norm(x, weight_, bias_, {}, {}, true, 0, epsilon_, false), activation_);
        }
        const int64_t channels = image.size(1), pixels = image.size(2) * image.size(3);
        const auto weights = numbers_of(weight_, channels, 1), biases = numbers_of(bias_, channels, 0);
        const at::Tensor out = empty_image(image, channels);
        const float* from = float_data(image);
        float* to = out.mutable_data_ptr<float>();
        at::parallel_for(0, image.size(0), 1, [&](int64_t first, int64_t last) {
            std::vector<float> scale(channels), shift(channels);
            for (int64_t i = first; i < last; i++) {
                kernels()->moments(from + i * pixels * channels, pixels, channels, shift.data(), scale.data());
                for (int64_t c = 0; c < channels; c++) {
                    scale[c] = weights[c] / std::sqrt(scale[c] + static_cast<float>(epsilon_));
                    shift[c] = biases[c] - shift[c] * scale[c];
                }
                kernels()->scale_and_shift({channels, channels, from, scale.data(), shift.data(), to, activation_}, i * pixels,
                                           (i + 1) * pixels);
            }
        });
        return x.dim() == 3 ? out.squeeze(2) : out;
    }

 private:
    static bool fits_channels(const std::optional<at::Tensor>& numbers, const at::Tensor& image) {
        return !numbers || numbers->sizes() == at::IntArrayRef{image.size(1)};
    }

    std::optional<at::Tensor> weight_, bias_;
    double epsilon_;
    Activation activation_;
};

// Each image by its own statistics, of some channels together.
class GroupNormalization {
 public:
    explicit GroupNormalization(const torch::jit::Node* node)
        : groups_(node->i(nodes::kGroups)),
          weight_(tensor_of(node, nodes::kWeight)),
          bias_(tensor_of(node, nodes::kBias)),
          epsilon_(node->f(nodes::kEpsilon)),
          activation_(static_cast<Activation>(node->i(nodes::kActivation))) {}

    at::Tensor operator()(const at::Tensor& x) const {
        const at::Tensor image = as_image(x);
        const int64_t channels = is_supported(image) ? image.size(1) : 0;
        const bool fits = channels > 0 && channels % groups_ == 0 && (!weight_ || weight_->numel() == channels) &&
                          (!bias_ || bias_->numel() == channels);
        if (!fits) {
            return activated(at::group_norm(x, groups_, weight_, bias_, epsilon_, false), activation_);
        }
        const int64_t pixels = image.size(2) * image.size(3);
        const auto weights = numbers_of(weight_, channels, 1), biases = numbers_of(bias_, channels, 0);
        const at::Tensor out = empty_image(image, channels);
        const float* from = float_data(image);
        float* to = out.mutable_data_ptr<float>();
        at::parallel_for(0, image.size(0), 1, [&](int64_t first, int64_t last) {
            std::vector<float> means(channels), variances(channels), scale(channels), shift(channels);
            for (int64_t i = first; i < last; i++) {
                kernels()->moments(from + i * pixels * channels, pixels, channels, means.data(), variances.data());
                for (int64_t group = 0; group < groups_; group++) {
                    const auto [mean, variance] = of_group(means, variances, group);
                    const auto inverse = static_cast<float>(1 / std::sqrt(variance + epsilon_));
                    for (int64_t c = group * channels / groups_; c < (group + 1) * channels / groups_; c++) {
                        scale[c] = weights[c] * inverse;
                        shift[c] = biases[c] - static_cast<float>(mean) * scale[c];
                    }
                }
                kernels()->scale_and_shift({channels, channels, from, scale.data(), shift.data(), to, activation_}, i * pixels,
                                           (i + 1) * pixels);
            }
        });
        return x.dim() == 3 ? out.squeeze(2) : out;
    }

 private:
    // Of all numbers of the group, from those of each channel, which are of as many.
    std::pair<double, double> of_group(const std::vector<float>& means, const std::vector<float>& variances, int64_t group) const {
        const int64_t count = means.size() / groups_, first = group * count;
        double mean = 0, variance = 0;
        for (int64_t c = first; c < first + count; c++) {
            mean += means[c] / static_cast<double>(count);
        }
        for (int64_t c = first; c < first + count; c++) {
            const double off = means[c] - mean;
            variance += (variances[c] + off * off) / count;
        }
        return {mean, variance};
    }

    int64_t groups_;
    std::optional<at::Tensor> weight_, bias_;
    double epsilon_;
    Activation activation_;
};

torch::jit::Operation concatenation_operation(const torch::jit::Node* node) {
    const size_t count = node->inputs().size();
    return [count](torch::jit::Stack& stack) {
        const auto all = popped(stack, count);
        torch::jit::push(stack, concatenated(all));
    };
}

torch::jit::Operation batch_operation(const torch::jit::Node* node) {
    const size_t count = node->inputs().size();
    const auto normalization = std::make_shared<BatchNormalization>(node);
    return [count, normalization](torch::jit::Stack& stack) {
        const auto all = popped(stack, count);
        torch::jit::push(stack, (*normalization)(all));
    };
}

torch::jit::Operation group_operation(const torch::jit::Node* node) {
    const auto normalization = std::make_shared<GroupNormalization>(node);
    return [normalization](torch::jit::Stack& stack) { stack.back() = (*normalization)(stack.back().toTensor()); };
}

torch::jit::Operation instance_operation(const torch::jit::Node* node) {
    const auto normalization = std::make_shared<InstanceNormalization>(node);
    return [normalization](torch::jit::Stack& stack) { stack.back() = (*normalization)(stack.back().toTensor()); };
}

torch::jit::Operator known(c10::Symbol name, torch::jit::Operation (*operation)(const torch::jit::Node*)) {
    return torch::jit::Operator(name, torch::jit::OperationCreator(operation), c10::AliasAnalysisKind::PURE_FUNCTION);
}

}  // namespace

void register_normalization() {
    static torch::jit::RegisterOperators registered({known(nodes::kConcatenation, concatenation_operation),
                                                     known(nodes::kBatchNormalization, batch_operation),
                                                     known(nodes::kGroupNormalization, group_operation),
                                                     known(nodes::kInstanceNormalization, instance_operation)});
}

}  // namespace cresset
