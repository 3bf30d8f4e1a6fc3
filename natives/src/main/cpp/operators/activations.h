// What follows a layer, and what stands alone.
#pragma once

#include <ATen/core/Tensor.h>

#include "kernels/kernels.h"

namespace cresset {

// In place, by LibTorch, or of bfloat16, for which it takes five times as long, by our kernels. oneDNN's activations, which could be joined with its convolutions, take what is not a number for one.
at::Tensor activated(at::Tensor x, Activation activation);

void register_activations();

}  // namespace cresset
