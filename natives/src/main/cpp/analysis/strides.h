// Whether code can tell how a tensor lies in memory.
#pragma once

#include <torch/csrc/jit/api/module.h>

namespace cresset {

// Whether a method of the module may answer differently of the same numbers where they lie differently in memory. What only fails then, as
// a view does, is not meant: the frozen module answers instead.
bool depends_on_strides(const torch::jit::Module& module);

}  // namespace cresset
