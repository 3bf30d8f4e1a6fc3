#include "operators/batch_norm.h"

#include <ATen/ops/batch_norm.h>
#include <ATen/ops/cat.h>
#include <torch/csrc/jit/ir/ir.h>
#include <torch/csrc/jit/runtime/custom_operator.h>

#include <cmath>
#include <memory>
#include <optional>
#include <vector>

#include "kernels/kernels.h"
#include "operators/activations.h"
#include "operators/channels.h"
#include "operators/nodes.h"
#include "operators/norm_weights.h"

namespace cresset {

namespace {

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
        const auto images = channels::as_images(all);
        const auto count = static_cast<int64_t>(scale_.size());
        if (!channels::lie_alike(images) || channels::count(images) != count) {
            const at::Tensor x = all.size() == 1 ? all.front() : at::cat(all, 1);
            return activated(at::batch_norm(x, weight_, bias_, mean_, variance_, false, 0, epsilon_, false), activation_);
        }
        const at::Tensor out = channels::joined(images, count, scale_.data(), shift_.data(), activation_);
        return all.front().dim() == 3 ? out.squeeze(2) : out;
    }

 private:
    std::optional<at::Tensor> weight_, bias_;
    at::Tensor mean_, variance_;
    double epsilon_;
    Activation activation_;
    std::vector<float> scale_, shift_;
};

torch::jit::Operation batch_operation(const torch::jit::Node* node) {
    const size_t count = node->inputs().size();
    const auto normalization = std::make_shared<BatchNormalization>(node);
    return [count, normalization](torch::jit::Stack& stack) {
        const auto all = channels::popped(stack, count);
        torch::jit::push(stack, (*normalization)(all));
    };
}

}  // namespace

void register_batch_norm() {
    static torch::jit::RegisterOperators registered({torch::jit::Operator(
        nodes::kBatchNormalization, torch::jit::OperationCreator(batch_operation), c10::AliasAnalysisKind::PURE_FUNCTION)});
}

}  // namespace cresset
