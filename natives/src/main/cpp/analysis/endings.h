// Whether a call comes to an end whatever numbers it is given: who tries a model on numbers that its users never sent should not wait for ever.
#pragma once

#include <torch/csrc/jit/ir/ir.h>

namespace cresset {

// Of a graph with all calls written out. True for loops in code that looks at a tensor's numbers, which may be what ends them; and for
// operators that go on until their numbers have converged, as many of LAPACK's do, or until a random number is accepted. With NaN or an
// infinity neither need ever be so.
bool may_not_end(const torch::jit::Graph& graph);

}  // namespace cresset
