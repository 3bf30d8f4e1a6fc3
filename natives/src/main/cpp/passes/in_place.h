// Operators that write in place.
#pragma once

#include <torch/csrc/jit/ir/ir.h>

#include <memory>

namespace cresset {

// Puts operators that make a new tensor in the place of those that write to one, where nobody can tell: written to, a tensor keeps its type,
// while a new one has the type of both operands (`y.add_(x)` of float32 and float64), a truth value (`y.gt_(x)`), or a fraction where there was
// an integer (`y.sigmoid_()`). Where the types are not known to be the same, the operator stays.
void write_to_new_tensors(std::shared_ptr<torch::jit::Graph> graph);

}  // namespace cresset
