#include "operators/group_norm.h"

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
#include "operators/channels.h"
#include "operators/nodes.h"
#include "operators/norm_weights.h"
#include "operators/parallel.h"
#include "operators/tensors.h"

namespace cresset {

namespace {

// Each image by its own statistics.
class InstanceNormalization {
 public:
    explicit InstanceNormalization(const torch::jit::Node* node)
        : weight_(tensor_of(node, nodes::kWeight)),
          bias_(tensor_of(node, nodes::kBias)),
          epsilon_(node->f(nodes::kEpsilon)),
          activation_(static_cast<Activation>(node->i(nodes::kActivation))) {}

    at::Tensor operator()(const at::Tensor& x) const {
        const at::Tensor image = channels::as_image(x);
        const bool fits = channels::is_supported(image) && fits_channels(weight_, image) && fits_channels(bias_, image) &&
                          image.size(2) * image.size(3) > 1;
        if (!fits) {
            return activated(at::instance_norm(x, weight_, bias_, {}, {}, true, 0, epsilon_, false), activation_);
        }
        const int64_t channels = image.size(1), pixels = image.size(2) * image.size(3);
        const auto weights = numbers_of(weight_, channels, 1), biases = numbers_of(bias_, channels, 0);
        const at::Tensor out = channels::empty_image(image, channels);
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
        const at::Tensor image = channels::as_image(x);
        const int64_t channels = channels::is_supported(image) ? image.size(1) : 0;
        const bool fits = channels > 0 && channels % groups_ == 0 && (!weight_ || weight_->numel() == channels) &&
                          (!bias_ || bias_->numel() == channels);
        if (!fits) {
            return activated(at::group_norm(x, groups_, weight_, bias_, epsilon_, false), activation_);
        }
        const int64_t pixels = image.size(2) * image.size(3);
        const auto weights = numbers_of(weight_, channels, 1), biases = numbers_of(bias_, channels, 0);
        const at::Tensor out = channels::empty_image(image, channels);
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

torch::jit::Operation group_operation(const torch::jit::Node* node) {
    const auto normalization = std::make_shared<GroupNormalization>(node);
    return [normalization](torch::jit::Stack& stack) { stack.back() = (*normalization)(stack.back().toTensor()); };
}

torch::jit::Operation instance_operation(const torch::jit::Node* node) {
    const auto normalization = std::make_shared<InstanceNormalization>(node);
    return [normalization](torch::jit::Stack& stack) { stack.back() = (*normalization)(stack.back().toTensor()); };
}

}  // namespace

void register_group_norm() {
    static torch::jit::RegisterOperators registered(
        {torch::jit::Operator(nodes::kGroupNormalization, torch::jit::OperationCreator(group_operation),
                              c10::AliasAnalysisKind::PURE_FUNCTION),
         torch::jit::Operator(nodes::kInstanceNormalization, torch::jit::OperationCreator(instance_operation),
                              c10::AliasAnalysisKind::PURE_FUNCTION)});
}

}  // namespace cresset
