#include "convolution.h"

#include <ATen/core/List.h>
#include <ATen/ops/add.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/hardswish.h>
#include <ATen/ops/hardtanh.h>
#include <ATen/ops/mkldnn_reorder_conv2d_weight.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/silu.h>
#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/passes/dead_code_elimination.h>
#include <torch/csrc/jit/passes/remove_mutation.h>
#include <torch/csrc/jit/runtime/custom_operator.h>

#include <algorithm>
#include <array>
#include <map>
#include <mutex>
#include <optional>
#include <string_view>
#include <tuple>
#include <vector>

#include "winograd.h"

// oneDNN's convolutions of weights that are laid out for it, with what follows. Declared here, for the headers may be another platform's;
// weak, for a LibTorch without oneDNN has none.
namespace at::native {
Tensor mkldnn_convolution_pointwise(const Tensor&, const Tensor&, const std::optional<Tensor>&, IntArrayRef, IntArrayRef,
                                    IntArrayRef, int64_t, std::string_view, c10::List<std::optional<Scalar>>,
                                    std::optional<std::string_view>) __attribute__((weak));
Tensor& mkldnn_convolution_pointwise_binary_(Tensor&, const Tensor&, const Tensor&, const std::optional<Tensor>&, IntArrayRef,
                                             IntArrayRef, IntArrayRef, int64_t, std::string_view, std::optional<Scalar>,
                                             std::optional<std::string_view>, c10::List<std::optional<Scalar>>,
                                             std::optional<std::string_view>) __attribute__((weak));
}  // namespace at::native

namespace cresset {

namespace {

// What follows a convolution; oneDNN's names of it are in kNames.
enum class Activation : int64_t { kNone, kRelu, kRelu6, kHardswish, kSilu };
constexpr std::array<std::string_view, 5> kNames = {"none", "relu", "hardtanh", "hardswish", "swish"};

struct Geometry {
    std::vector<int64_t> stride, padding, dilation;
    int64_t groups;

    bool operator<(const Geometry& other) const {
        return std::tie(stride, padding, dilation, groups) <
               std::tie(other.stride, other.padding, other.dilation, other.groups);
    }
};

// A convolution's weights, laid out for whoever computes with them. Who that is, the first image decides by its size; the others keep to
// it, so that weights are laid out once. Used by any number of threads.
class Weights {
 public:
    Weights(at::Tensor plain, Geometry geometry) : plain_(std::move(plain)), geometry_(std::move(geometry)) {
        const std::vector<int64_t> one{1, 1};
        may_tile_ = plain_.scalar_type() == at::kFloat && plain_.size(2) == 3 && plain_.size(3) == 3 &&
                    geometry_.groups == 1 && geometry_.stride == one && geometry_.dilation == one;
    }

    const at::Tensor& plain() const { return plain_; }
    const Geometry& geometry() const { return geometry_; }

    // The same weights, for tiles of the width that `tile` is set to, or for oneDNN if that is 0.
    const at::Tensor& laid_out(const at::Tensor& image, int& tile) {
        std::call_once(laid_out_once_, [&] {
            tile_ = may_tile_ ? winograd::tile_for(sizes_of(image)) : 0;
            laid_out_ = tile_ == 0 ? for_onednn(image.sizes()) : for_tiles();
        });
        tile = tile_;
        return laid_out_;
    }

    winograd::Sizes sizes_of(const at::Tensor& image) const {
        return {image.size(0), image.size(2), image.size(3), image.size(1), plain_.size(0), geometry_.padding[0], geometry_.padding[1]};
    }

    // Code is made of a graph several times, as LibTorch specialises it: the weights are the same.
    static std::shared_ptr<Weights> of(const at::Tensor& plain, Geometry geometry) {
        // Never destroyed: threads may still be here when the process ends.
        static auto& guard = *new std::mutex;
        static auto& known = *new std::map<std::pair<const void*, Geometry>, std::weak_ptr<Weights>>;
        std::lock_guard<std::mutex> turn(guard);
        for (auto entry = known.begin(); entry != known.end();) {
            entry = entry->second.expired() ? known.erase(entry) : std::next(entry);
        }
        // The tensor is the entry's while there is one, so that no other can be in its place.
        auto& entry = known[{plain.unsafeGetTensorImpl(), geometry}];
        auto weights = entry.lock();
        if (weights == nullptr) {
            weights = std::make_shared<Weights>(plain, std::move(geometry));
            entry = weights;
        }
        return weights;
    }

 private:
    at::Tensor for_onednn(at::IntArrayRef image) const {
        return at::mkldnn_reorder_conv2d_weight(
            plain_.to_mkldnn(), geometry_.padding, geometry_.stride, geometry_.dilation, geometry_.groups, image);
    }

    at::Tensor for_tiles() const {
        const int64_t outputs = plain_.size(0), channels = plain_.size(1);
        auto transformed = at::detail::empty_cpu(
            {winograd::weights_size(tile_, channels, outputs)}, at::kFloat, false, c10::MemoryFormat::Contiguous);
        winograd::transform_weights(tile_, channels, outputs, plain_.contiguous().const_data_ptr<float>(),
                                    transformed.mutable_data_ptr<float>());
        return transformed;
    }

    at::Tensor plain_;
    Geometry geometry_;
    bool may_tile_;
    std::once_flag laid_out_once_;
    int tile_ = 0;
    at::Tensor laid_out_;
};

at::Tensor activated(const at::Tensor& x, Activation activation) {
    switch (activation) {
        case Activation::kRelu:
            return at::relu(x);
        case Activation::kRelu6:
            return at::hardtanh(x, 0, 6);
        case Activation::kHardswish:
            return at::hardswish(x);
        case Activation::kSilu:
            return at::silu(x);
        default:
            return x;
    }
}

bool is_image(const at::Tensor& x, at::ScalarType type) {
    return x.dim() == 4 && x.scalar_type() == type && x.device().is_cpu() && x.layout() == at::kStrided && !x.is_neg() &&
           x.numel() > 0;
}

int64_t out_size(int64_t in, int64_t kernel, const Geometry& g, int axis) {
    const int64_t reach = g.dilation[axis] * (kernel - 1) + 1;
    return in + 2 * g.padding[axis] < reach ? 0 : (in + 2 * g.padding[axis] - reach) / g.stride[axis] + 1;
}

class Convolution {
 public:
    Convolution(std::shared_ptr<Weights> weights, std::optional<at::Tensor> bias, Activation activation)
        : weights_(std::move(weights)), bias_(std::move(bias)), activation_(activation), scalars_(scalars(activation)) {}

    // The sum of the convolution and `added`, which is written over if it is nobody else's; undefined, if there is nothing to add.
    at::Tensor operator()(const at::Tensor& input, at::Tensor added) const {
        const auto& plain = weights_->plain();
        const auto& g = weights_->geometry();
        if (!is_image(input, plain.scalar_type()) || input.size(1) != plain.size(1) * g.groups) {
            return by_dispatch(input, added);  // which also says what is wrong with it
        }
        const std::array<int64_t, 4> sizes{input.size(0), plain.size(0), out_size(input.size(2), plain.size(2), g, 0),
                                           out_size(input.size(3), plain.size(3), g, 1)};
        const bool fits = sizes[2] > 0 && sizes[3] > 0 &&
                          (!added.defined() || (is_image(added, plain.scalar_type()) && added.sizes() == at::IntArrayRef(sizes)));
        if (!fits) {
            return by_dispatch(input, added);
        }
        const at::Tensor x = input.contiguous(at::MemoryFormat::ChannelsLast);
        if (added.defined() && !is_ours(added)) {
            added = added.clone(at::MemoryFormat::ChannelsLast);
        }
        int tile = 0;
        const auto& laid_out = weights_->laid_out(x, tile);
        return tile != 0 ? by_tiles(x, tile, laid_out, added, sizes) : by_onednn(x, laid_out, added);
    }

 private:
    static c10::List<std::optional<at::Scalar>> scalars(Activation activation) {
        c10::List<std::optional<at::Scalar>> list;
        if (activation == Activation::kRelu6) {
            list.push_back(at::Scalar(0.0));
            list.push_back(at::Scalar(6.0));
        }
        return list;
    }

    // The interpreter has handed its last reference over, and no view of the memory is left.
    static bool is_ours(const at::Tensor& tensor) {
        return tensor.use_count() == 1 && tensor.storage().use_count() == 1 && tensor.is_contiguous(at::MemoryFormat::ChannelsLast);
    }

    at::Tensor by_tiles(const at::Tensor& x, int tile, const at::Tensor& laid_out, const at::Tensor& added, at::IntArrayRef sizes) const {
        const bool relu = activation_ == Activation::kRelu;
        at::Tensor out = added;
        if (!out.defined()) {
            out = at::detail::empty_cpu(sizes, at::kFloat, false, at::MemoryFormat::ChannelsLast);
        }
        auto* to = out.mutable_data_ptr<float>();
        winograd::convolve(weights_->sizes_of(x), tile, x.const_data_ptr<float>(), laid_out.const_data_ptr<float>(),
                           bias_ ? bias_->const_data_ptr<float>() : nullptr, added.defined() ? to : nullptr, relu, to);
        return relu ? out : activated(out, activation_);
    }

    at::Tensor by_onednn(const at::Tensor& x, const at::Tensor& laid_out, at::Tensor& added) const {
        const auto& g = weights_->geometry();
        const auto name = kNames[static_cast<size_t>(activation_)];
        if (!added.defined()) {
            return at::native::mkldnn_convolution_pointwise(
                x, laid_out, bias_, g.padding, g.stride, g.dilation, g.groups, name, scalars_, std::nullopt);
        }
        // In place, for LibTorch's other way lays the addend out anew each time.
        const auto then = activation_ == Activation::kNone ? std::nullopt : std::optional<std::string_view>(name);
        return at::native::mkldnn_convolution_pointwise_binary_(
            added, x, laid_out, bias_, g.padding, g.stride, g.dilation, g.groups, "add", 1, then, scalars_, std::nullopt);
    }

    at::Tensor by_dispatch(const at::Tensor& x, const at::Tensor& added) const {
        const auto& g = weights_->geometry();
        auto out = at::conv2d(x, weights_->plain(), bias_, g.stride, g.padding, g.dilation, g.groups);
        return activated(added.defined() ? at::add(out, added) : out, activation_);
    }

    std::shared_ptr<Weights> weights_;
    std::optional<at::Tensor> bias_;
    Activation activation_;
    c10::List<std::optional<at::Scalar>> scalars_;
};

const auto kWeight = c10::Symbol::attr("weight");
const auto kBias = c10::Symbol::attr("bias");
const auto kStride = c10::Symbol::attr("stride");
const auto kPadding = c10::Symbol::attr("padding");
const auto kDilation = c10::Symbol::attr("dilation");
const auto kGroups = c10::Symbol::attr("groups");
const auto kActivation = c10::Symbol::attr("activation");

// Weights belong to the node and not to the stack, as those of linear layers do.
torch::jit::Operation convolution_of(const torch::jit::Node* node) {
    auto convolution = std::make_shared<Convolution>(
        Weights::of(node->t(kWeight), {node->is(kStride), node->is(kPadding), node->is(kDilation), node->i(kGroups)}),
        node->hasAttribute(kBias) ? std::optional<at::Tensor>(node->t(kBias)) : std::nullopt,
        static_cast<Activation>(node->i(kActivation)));
    if (node->inputs().size() == 1) {
        return [convolution](torch::jit::Stack& stack) {
            stack.back() = (*convolution)(stack.back().toTensor(), at::Tensor());
        };
    }
    return [convolution](torch::jit::Stack& stack) {
        auto added = torch::jit::pop(stack).toTensor();
        stack.back() = (*convolution)(stack.back().toTensor(), std::move(added));
    };
}

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
    return Found{*weight, added, {*stride, *padding, *dilation, groups->toInt()}};
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
    const bool plain = alpha && alpha->isScalar() && alpha->toScalar().equal(1) && other->type()->isSubtypeOf(*c10::TensorType::get());
    return plain ? other : nullptr;
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
    static const auto direct = c10::Symbol::fromQualString("cresset::conv2d");
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
        auto* made = graph.insertNode(graph.create(direct, {node->input(0)}, 1));
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

bool can_link_convolution() {
    return at::native::mkldnn_convolution_pointwise != nullptr && at::native::mkldnn_convolution_pointwise_binary_ != nullptr;
}

void register_convolution() {
    static torch::jit::RegisterOperators registered({torch::jit::Operator(
        c10::Symbol::fromQualString("cresset::conv2d"), torch::jit::OperationCreator(convolution_of),
        c10::AliasAnalysisKind::PURE_FUNCTION)});
}

int64_t direct_convolution(std::shared_ptr<torch::jit::Graph>& graph) {
    torch::jit::RemoveTensorMutation(graph);
    // Where something is still written to in place, what is computed later may not be what it would have been.
    const int64_t replaced = replace(graph->block(), *graph, !has_mutation(graph->block()));
    torch::jit::EliminateDeadCode(graph->block());
    return replaced;
}

}  // namespace cresset
