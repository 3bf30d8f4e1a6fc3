// The graph of one program, made node by node.
#pragma once

#include <torch/csrc/jit/api/module.h>

#include <string>
#include <vector>

#include "exported/words.h"

namespace cresset::exported {

// Reads a method and gives it to the module, whose attributes have those names.
void read_method(Words& words, torch::jit::Module& module, const std::vector<std::string>& attributes);

}  // namespace cresset::exported
