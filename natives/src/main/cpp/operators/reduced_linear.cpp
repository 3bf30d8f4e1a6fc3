#include "operators/reduced_linear.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/ops/add.h>
#include <ATen/ops/linear.h>

#include <string_view>
#include <utility>

#include "kernels/kernels.h"
#include "memory/caching_allocator.h"
#include "operators/activations.h"
#include "operators/shared_weights.h"
#include "operators/tensors.h"

// Declared here, for the headers may be another platform's; weak, for a LibTorch without oneDNN has none.
namespace at::native {
Tensor mkldnn_linear_pointwise(const Tensor&, const Tensor&, const std::optional<Tensor>&, std::string_view,
                               c10::List<std::optional<Scalar>>, std::optional<std::string_view>) __attribute__((weak));
Tensor mkldnn_linear_pointwise_binary(const Tensor&, const Tensor&, const Tensor&, const std::optional<Tensor>&, std::string_view)
    __attribute__((weak));
}  // namespace at::native

namespace cresset {

namespace {

std::optional<c10::OperatorHandle> reorder() {
    static const auto found = c10::Dispatcher::singleton().findSchema({"mkldnn::_reorder_linear_weight", ""});
    return found;
}

}  // namespace

std::shared_ptr<ReducedLinearWeights> ReducedLinearWeights::of(const at::Tensor& plain) {
    // Never destroyed: threads may still be here when the process ends.
    static auto& known = *new SharedWeights<const void*, ReducedLinearWeights>;
    return known.of(plain.unsafeGetTensorImpl(), [&] { return std::make_shared<ReducedLinearWeights>(plain); });
}

const at::Tensor& ReducedLinearWeights::packed(int64_t rows) {
    std::call_once(packed_once_, [&] {
        const NoCachingGuard memory;
        packed_ = reorder()->typed<at::Tensor(const at::Tensor&, std::optional<int64_t>)>().call(plain_.contiguous(), rows);
    });
    return packed_;
}

bool ReducedLinear::can_compute() {
    return has_bfloat16() && at::native::mkldnn_linear_pointwise != nullptr &&
           at::native::mkldnn_linear_pointwise_binary != nullptr && reorder();
}

ReducedLinear::ReducedLinear(std::shared_ptr<ReducedLinearWeights> weights, std::optional<at::Tensor> bias, Activation activation)
    : weights_(std::move(weights)), bias_(std::move(bias)), activation_(activation) {}

at::Tensor ReducedLinear::operator()(const at::Tensor& input, const at::Tensor& added) const {
    const auto& plain = weights_->plain();
    const bool fits = input.scalar_type() == at::kBFloat16 && is_materialized(input) && input.dim() > 1 && input.numel() > 0 &&
                      input.size(-1) == plain.size(1);
    if (!fits) {
        const auto out = at::linear(input, plain, bias_);  // which also says what is wrong with it
        return activated(added.defined() ? at::add(out, added) : out, activation_);
    }
    const auto x = input.contiguous();
    const auto& packed = weights_->packed(x.numel() / plain.size(1));
    c10::SmallVector<int64_t, 5> sizes(input.sizes().begin(), input.sizes().end());
    sizes.back() = plain.size(0);
    const bool adds = added.defined() && added.scalar_type() == at::kBFloat16 && is_materialized(added) && added.is_contiguous() &&
                      added.sizes() == at::IntArrayRef(sizes);
    if (adds) {
        return activated(at::native::mkldnn_linear_pointwise_binary(x, added, packed, bias_, "add"), activation_);
    }
    const auto out = at::native::mkldnn_linear_pointwise(x, packed, bias_, "none", no_scalars_, std::nullopt);
    return activated(added.defined() ? at::add(out, added) : out, activation_);
}

}  // namespace cresset
