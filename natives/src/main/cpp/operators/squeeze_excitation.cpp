#include "operators/squeeze_excitation.h"

#include <ATen/Parallel.h>
#include <ATen/ops/adaptive_avg_pool2d.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/mul.h>
#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/passes/dead_code_elimination.h>
#include <torch/csrc/jit/runtime/custom_operator.h>

#include <array>
#include <vector>

#include "operators/geometry.h"
#include "kernels/kernels.h"

namespace cresset {

namespace {

const auto kMean = c10::Symbol::fromQualString("cresset::mean_of_image");
const auto kScale = c10::Symbol::fromQualString("cresset::scale_image");

bool is_image(const at::Tensor& x) {
    return kernels() != nullptr && x.dim() == 4 && x.scalar_type() == at::kFloat && x.device().is_cpu() &&
           x.layout() == at::kStrided && !x.is_neg() && x.numel() > 0 && x.is_contiguous(at::MemoryFormat::ChannelsLast);
}

at::Tensor empty_image(at::IntArrayRef sizes) {
    return at::detail::empty_cpu(sizes, at::kFloat, false, at::MemoryFormat::ChannelsLast);
}

at::Tensor mean_of_image(const at::Tensor& x) {
    if (!is_image(x)) {
        return at::adaptive_avg_pool2d(x, {1, 1});
    }
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
at::Tensor scale_image(at::Tensor x, const at::Tensor& by) {
    const bool fits = is_image(x) && is_image(by) && by.size(0) == x.size(0) && by.size(1) == x.size(1) && by.size(2) == 1 &&
                      by.size(3) == 1;
    if (!fits) {
        return at::mul(x, by);
    }
    const bool is_ours = x.use_count() == 1 && x.storage().use_count() == 1;
    const auto out = is_ours ? x : empty_image(x.sizes());
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

torch::jit::Operation mean_operation(const torch::jit::Node*) {
    return [](torch::jit::Stack& stack) { stack.back() = mean_of_image(stack.back().toTensor()); };
}

torch::jit::Operation scale_operation(const torch::jit::Node*) {
    return [](torch::jit::Stack& stack) {
        const auto by = torch::jit::pop(stack).toTensor();
        auto x = torch::jit::pop(stack).toTensor();
        torch::jit::push(stack, scale_image(std::move(x), by));
    };
}

bool is_mean(torch::jit::Node* node) {
    static const auto pool = c10::Symbol::fromQualString("aten::adaptive_avg_pool2d");
    if (node->kind() != pool) {
        return false;
    }
    const auto sizes = torch::jit::toIValue(node->input(1));
    return sizes && sizes->isIntList() && sizes->toIntVector() == std::vector<int64_t>{1, 1};
}

bool is_of_convolution(torch::jit::Value* value) { return value->node()->kind() == convolution::kConvolution; }

// The image and what it is multiplied by: which is which shows only in the shapes, but the factors come last.
std::vector<torch::jit::Value*> image_and_factors(torch::jit::Node* node) {
    static const auto mul = c10::Symbol::fromQualString("aten::mul");
    if (node->kind() != mul || node->inputs().size() != 2) {
        return {};
    }
    auto* left = node->input(0);
    auto* right = node->input(1);
    const auto& tensor = *c10::TensorType::get();
    if (left == right || !left->type()->isSubtypeOf(tensor) || !right->type()->isSubtypeOf(tensor)) {
        return {};
    }
    if (is_of_convolution(right) && !(is_of_convolution(left) && left->node()->isAfter(right->node()))) {
        return {left, right};
    }
    return is_of_convolution(left) ? std::vector{right, left} : std::vector<torch::jit::Value*>{};
}

void replace(torch::jit::Block* block, torch::jit::Graph& graph) {
    for (auto* node : block->nodes()) {
        for (auto* inner : node->blocks()) {
            replace(inner, graph);
        }
        const auto factors = image_and_factors(node);
        const bool mean = is_mean(node);
        if (!mean && factors.empty()) {
            continue;
        }
        torch::jit::WithInsertPoint before(node);
        auto* made = graph.insertNode(mean ? graph.create(kMean, {node->input(0)}, 1) : graph.create(kScale, factors, 1));
        made->output()->setType(c10::TensorType::get());
        node->output()->replaceAllUsesWith(made->output());
    }
}

}  // namespace

void register_squeeze() {
    static torch::jit::RegisterOperators registered(
        {torch::jit::Operator(kMean, torch::jit::OperationCreator(mean_operation), c10::AliasAnalysisKind::PURE_FUNCTION),
         torch::jit::Operator(kScale, torch::jit::OperationCreator(scale_operation), c10::AliasAnalysisKind::PURE_FUNCTION)});
}

void direct_squeeze(torch::jit::Graph& graph) {
    replace(graph.block(), graph);
    torch::jit::EliminateDeadCode(graph.block());
}

}  // namespace cresset
