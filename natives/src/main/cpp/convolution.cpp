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
#include <torch/csrc/jit/runtime/custom_operator.h>

#include <array>
#include <map>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

#include "convolution_node.h"
#include "winograd.h"

// oneDNN's convolutions of weights that are laid out for it, with what follows. Declared here, for the headers may be another
// platform's; weak, for a LibTorch without oneDNN has none.
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

using namespace convolution;

namespace {

// oneDNN's names of the activations.
constexpr std::array<std::string_view, 5> kNames = {"none", "relu", "hardtanh", "hardswish", "swish"};

// A convolution's weights, laid out for whoever computes with them. Who that is, the first image decides by its size; the others
// keep to it, so that weights are laid out once. Used by any number of threads.
class Weights {
 public:
    Weights(at::Tensor plain, Geometry geometry) : plain_(std::move(plain)), geometry_(std::move(geometry)) {
        const std::vector<int64_t> one{1, 1};
        may_tile_ = plain_.size(2) == 3 && plain_.size(3) == 3 &&
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
        const auto& padding = geometry_.padding;
        return {image.size(0), image.size(2), image.size(3), image.size(1),
                plain_.size(0), padding[0],    padding[1],    plain_.scalar_type() == at::kBFloat16};
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
        winograd::transform_weights(tile_, channels, outputs, plain_.to(at::kFloat).contiguous().const_data_ptr<float>(),
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
        : weights_(std::move(weights)), bias_(std::move(bias)), activation_(activation), scalars_(scalars(activation)) {
        if (bias_) {
            added_bias_ = bias_->to(at::kFloat);
        }
    }

    // The sum of the convolution and `added`, which is written over if it is nobody else's; undefined, if there is nothing to
    // add.
    at::Tensor operator()(const at::Tensor& input, at::Tensor added) const {
        const auto& plain = weights_->plain();
        const auto& g = weights_->geometry();
        if (!is_image(input, plain.scalar_type()) || input.size(1) != plain.size(1) * g.groups) {
            return by_dispatch(input, added);  // which also says what is wrong with it
        }
        const std::array<int64_t, 4> sizes{input.size(0), plain.size(0), out_size(input.size(2), plain.size(2), g, 0),
                                           out_size(input.size(3), plain.size(3), g, 1)};
        const bool adds = added.defined();
        const bool can_add = !adds || (is_image(added, plain.scalar_type()) && added.sizes() == at::IntArrayRef(sizes));
        if (sizes[2] <= 0 || sizes[3] <= 0 || !can_add) {
            return by_dispatch(input, added);
        }
        const at::Tensor x = input.contiguous(at::MemoryFormat::ChannelsLast);
        if (adds && !is_ours(added)) {
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
        return tensor.use_count() == 1 && tensor.storage().use_count() == 1 &&
               tensor.is_contiguous(at::MemoryFormat::ChannelsLast);
    }

    at::Tensor by_tiles(const at::Tensor& x, int tile, const at::Tensor& laid_out, const at::Tensor& added,
                        at::IntArrayRef sizes) const {
        const bool relu = activation_ == Activation::kRelu;
        at::Tensor out = added;
        if (!out.defined()) {
            out = at::detail::empty_cpu(sizes, x.scalar_type(), false, at::MemoryFormat::ChannelsLast);
        }
        auto* to = out.mutable_data_ptr();
        winograd::convolve(weights_->sizes_of(x), tile, x.const_data_ptr(), laid_out.const_data_ptr<float>(),
                           added_bias_ ? added_bias_->const_data_ptr<float>() : nullptr, added.defined() ? to : nullptr, relu, to);
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
    std::optional<at::Tensor> added_bias_;  // in float32
    Activation activation_;
    c10::List<std::optional<at::Scalar>> scalars_;
};

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

}  // namespace

bool can_link_convolution() {
    return at::native::mkldnn_convolution_pointwise != nullptr && at::native::mkldnn_convolution_pointwise_binary_ != nullptr;
}

void register_convolution() {
    static torch::jit::RegisterOperators registered({torch::jit::Operator(
        kConvolution, torch::jit::OperationCreator(convolution_of),
        c10::AliasAnalysisKind::PURE_FUNCTION)});
}

}  // namespace cresset
