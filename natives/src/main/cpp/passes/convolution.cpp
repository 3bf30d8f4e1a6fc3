#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/passes/dead_code_elimination.h>
#include <torch/csrc/jit/passes/remove_mutation.h>

#include <algorithm>
#include <map>
#include <optional>
#include <vector>

#include "operators/convolution.h"
#include "operators/geometry.h"

namespace cresset {

using namespace convolution;

namespace {

std::optional<at::Tensor> constant_tensor(torch::jit::Value* value) {
    auto found = torch::jit::toIValue(value);
    return found && found->isTensor() ? std::optional<at::Tensor>(found->toTensor()) : std::nullopt;
}

// Two numbers, of two or of one that counts for both.
std::optional<std::vector<int64_t>> constant_pair(torch::jit::Value* value) {
    auto found = torch::jit::toIValue(value);
    if (!found || !found->isIntList()) {
        return std::nullopt;
    }
    auto numbers = found->toIntVector();
    if (numbers.size() == 1) {
        numbers.push_back(numbers[0]);
    }
    return numbers.size() == 2 ? std::optional(numbers) : std::nullopt;
}

struct Found {
    at::Tensor weight;
    std::optional<at::Tensor> bias;
    Geometry geometry;
};

std::optional<Found> found_in(torch::jit::Node* node) {
    static const auto conv2d = c10::Symbol::fromQualString("aten::conv2d");
    static const auto convolution = c10::Symbol::fromQualString("aten::_convolution");
    const bool general = node->kind() == convolution;
    if (!general && node->kind() != conv2d) {
        return std::nullopt;
    }
    auto weight = constant_tensor(node->input(1));
    auto bias = torch::jit::toIValue(node->input(2));
    auto stride = constant_pair(node->input(3));
    auto padding = constant_pair(node->input(4));
    auto dilation = constant_pair(node->input(5));
    auto groups = torch::jit::toIValue(node->input(general ? 8 : 6));
    if (!weight || !bias || !stride || !padding || !dilation || !groups) {
        return std::nullopt;
    }
    if (general) {
        auto transposed = torch::jit::toIValue(node->input(6));
        if (!transposed || transposed->toBool()) {
            return std::nullopt;
        }
    }
    const bool known_type = weight->scalar_type() == at::kFloat || weight->scalar_type() == at::kBFloat16;
    if (!known_type || weight->dim() != 4 || weight->numel() == 0 || !weight->device().is_cpu() ||
        weight->layout() != at::kStrided || weight->is_neg()) {
        return std::nullopt;
    }
    std::optional<at::Tensor> added;
    if (!bias->isNone()) {
        if (!bias->isTensor() || bias->toTensor().scalar_type() != weight->scalar_type() ||
            bias->toTensor().sizes() != at::IntArrayRef{weight->size(0)}) {
            return std::nullopt;
        }
        added = bias->toTensor().contiguous();
    }
    // What LibTorch would refuse is left to it.
    const auto are_at_least = [](const std::vector<int64_t>& pair, int64_t least) { return std::min(pair[0], pair[1]) >= least; };
    const int64_t parts = groups->toInt();
    if (!are_at_least(*stride, 1) || !are_at_least(*padding, 0) || !are_at_least(*dilation, 1) || parts < 1 ||
        weight->size(0) % parts != 0) {
        return std::nullopt;
    }
    return Found{*weight, added, {*stride, *padding, *dilation, parts}};
}

torch::jit::Node* only_user(torch::jit::Node* node, torch::jit::Block* block) {
    const auto& uses = node->output()->uses();
    return uses.size() == 1 && uses[0].user->owningBlock() == block ? uses[0].user : nullptr;
}

Activation activation_of(torch::jit::Node* node) {
    static const std::map<c10::Symbol, Activation> known = {
        {c10::Symbol::fromQualString("aten::relu"), Activation::kRelu},
        {c10::Symbol::fromQualString("aten::relu6"), Activation::kRelu6},
        {c10::Symbol::fromQualString("aten::hardswish"), Activation::kHardswish},
        {c10::Symbol::fromQualString("aten::hardsigmoid"), Activation::kHardsigmoid},
        {c10::Symbol::fromQualString("aten::sigmoid"), Activation::kSigmoid},
        {c10::Symbol::fromQualString("aten::silu"), Activation::kSilu}};
    static const auto hardtanh = c10::Symbol::fromQualString("aten::hardtanh");
    if (node == nullptr) {
        return Activation::kNone;
    }
    if (node->kind() == hardtanh) {
        auto low = torch::jit::toIValue(node->input(1)), high = torch::jit::toIValue(node->input(2));
        const bool relu6 = low && high && low->isScalar() && high->isScalar() && low->toScalar().toDouble() == 0 &&
                           high->toScalar().toDouble() == 6;
        return relu6 ? Activation::kRelu6 : Activation::kNone;
    }
    auto found = known.find(node->kind());
    return found == known.end() ? Activation::kNone : found->second;
}

// The other addend, if this adds two tensors as they are.
torch::jit::Value* addend(torch::jit::Node* node, torch::jit::Value* sum) {
    static const auto add = c10::Symbol::fromQualString("aten::add");
    if (node == nullptr || node->kind() != add || node->inputs().size() != 3 || node->input(0) == node->input(1)) {
        return nullptr;
    }
    auto alpha = torch::jit::toIValue(node->input(2));
    auto* other = node->input(0) == sum ? node->input(1) : node->input(0);
    const bool is_sum = alpha && alpha->isScalar() && alpha->toScalar().equal(1);
    return is_sum && other->type()->isSubtypeOf(*c10::TensorType::get()) ? other : nullptr;
}

bool has_mutation(torch::jit::Block* block) {
    for (auto* node : block->nodes()) {
        const auto* schema = node->maybeSchema();
        if (schema != nullptr && schema->is_mutable()) {
            return true;
        }
        for (auto* inner : node->blocks()) {
            if (has_mutation(inner)) {
                return true;
            }
        }
    }
    return false;
}

int64_t replace(torch::jit::Block* block, torch::jit::Graph& graph, bool may_join) {
    int64_t replaced = 0;
    std::vector<torch::jit::Node*> nodes(block->nodes().begin(), block->nodes().end());
    for (auto* node : nodes) {
        for (auto* inner : node->blocks()) {
            replaced += replace(inner, graph, may_join);
        }
        auto found = found_in(node);
        if (!found) {
            continue;
        }
        auto* last = node;
        torch::jit::Value* added = nullptr;
        if (may_join) {
            auto* next = only_user(node, block);
            added = addend(next, node->output());
            last = added != nullptr ? next : node;
        }
        auto* next = only_user(last, block);
        const auto activation = activation_of(next);
        // Where the last of them is, all that they need has been computed.
        torch::jit::WithInsertPoint at(last);
        auto* made = graph.insertNode(graph.create(kConvolution, {node->input(0)}, 1));
        if (added != nullptr) {
            made->addInput(added);
        }
        last = activation != Activation::kNone ? next : last;
        made->t_(kWeight, found->weight);
        if (found->bias) {
            made->t_(kBias, *found->bias);
        }
        made->is_(kStride, found->geometry.stride);
        made->is_(kPadding, found->geometry.padding);
        made->is_(kDilation, found->geometry.dilation);
        made->i_(kGroups, found->geometry.groups);
        made->i_(kActivation, static_cast<int64_t>(activation));
        made->output()->setType(c10::TensorType::get());
        last->output()->replaceAllUsesWith(made->output());
        replaced++;
    }
    return replaced;
}

}  // namespace

int64_t direct_convolution(std::shared_ptr<torch::jit::Graph>& graph) {
    torch::jit::RemoveTensorMutation(graph);
    // Where something is still written to in place, what is computed later may not be what it would have been.
    const int64_t replaced = replace(graph->block(), *graph, !has_mutation(graph->block()));
    torch::jit::EliminateDeadCode(graph->block());
    return replaced;
}

}  // namespace cresset
