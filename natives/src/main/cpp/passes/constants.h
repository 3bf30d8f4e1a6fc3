// Constants without dimensions, which LibTorch's executor takes for Python's numbers: `x * c` has the type of `x` then, and not the one that
// a tensor of float64 and a tensor without dimensions have. It does so with constants alone, that is with the ones of a trace, and
// not with a module's buffers and parameters, until freezing makes constants of these.
#pragma once

#include <torch/csrc/jit/api/module.h>

namespace cresset {

// What the executor makes of the constants of a module that was saved, done once, before it is frozen.
void make_numbers_of_constants(const torch::jit::Module& module);

// Has the executor leave constants tensors, in every method: for a frozen module that it is to run.
void keep_constants_tensors(const torch::jit::Module& module);

}  // namespace cresset
