// From a program of torch.export to a module that all passes know.
#pragma once

#include <caffe2/serialize/read_adapter_interface.h>
#include <torch/csrc/jit/api/module.h>

#include "exported/words.h"

namespace cresset::exported {

// The weights are read from the file, each of its payloads once: tensors that share one there share it here.
torch::jit::Module read_module(Words words, caffe2::serialize::ReadAdapterInterface& file);

}  // namespace cresset::exported
