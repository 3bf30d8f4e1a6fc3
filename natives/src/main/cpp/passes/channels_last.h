// Images with their channels last.
#pragma once

#include <torch/csrc/jit/ir/ir.h>

namespace cresset {

// Lays the constant weights of convolutions out with their channels last: LibTorch's convolutions compute with the layout that their weights and
// inputs have.
void lay_out_channels_last(torch::jit::Graph& graph);

}  // namespace cresset
