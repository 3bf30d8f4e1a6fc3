// unsafe_chunk and its like: views that do not say so.
#pragma once

#include <torch/csrc/jit/api/module.h>

namespace cresset {

// Puts chunk and split in their place, which answer the same and whose schemas say that it is views. Whoever believes the others
// computes beforehand what is written to later: LibTorch's freezing does, and a frozen GRUCell's constant state would change from call
// to call. In place, in all methods of a module and its submodules.
void name_chunks_as_views(const torch::jit::Module& module);

}  // namespace cresset
