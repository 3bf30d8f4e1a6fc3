// Convolutions, to the operator of ours.
#pragma once

#include <torch/csrc/jit/ir/ir.h>

#include <memory>

namespace cresset {

// Replaces convolutions of images by constant weights, each with the addition and the activation that follow it; says how many.
int64_t replace_convolutions(std::shared_ptr<torch::jit::Graph>& graph);

}  // namespace cresset
