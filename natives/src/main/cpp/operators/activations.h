// What follows a layer, by LibTorch.
#pragma once

#include <ATen/core/Tensor.h>

#include "kernels/kernels.h"

namespace cresset {

// In place. oneDNN's activations, which could be joined with its convolutions, take what is not a number for one.
at::Tensor activated(at::Tensor x, Activation activation);

}  // namespace cresset
