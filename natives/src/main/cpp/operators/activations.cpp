#include "operators/activations.h"

#include <ATen/ops/gelu.h>
#include <ATen/ops/hardsigmoid.h>
#include <ATen/ops/hardswish.h>
#include <ATen/ops/hardtanh.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/silu.h>
#include <ATen/ops/tanh.h>

namespace cresset {

at::Tensor activated(at::Tensor x, Activation activation) {
    switch (activation) {
        case Activation::kRelu:
            return at::relu_(x);
        case Activation::kRelu6:
            return at::hardtanh_(x, 0, 6);
        case Activation::kHardswish:
            return at::hardswish_(x);
        case Activation::kHardsigmoid:
            return at::hardsigmoid_(x);
        case Activation::kSilu:
            return at::silu_(x);
        case Activation::kSigmoid:
            return at::sigmoid_(x);
        case Activation::kGelu:
            return at::gelu_(x);
        case Activation::kGeluTanh:
            return at::gelu_(x, "tanh");
        case Activation::kTanh:
            return at::tanh_(x);
        case Activation::kNone:
            break;
    }
    return x;
}

}  // namespace cresset
