// Models in bfloat16.
#pragma once

#include <torch/csrc/jit/api/module.h>

namespace cresset {

// Whether this CPU computes with bfloat16 rather than imitating it.
bool has_bfloat16();

// A frozen module whose float32 weights and constants are bfloat16 numbers; for arguments and results of that type. Attention inside it
// is computed in float32.
torch::jit::Module in_bfloat16(const torch::jit::Module& frozen);

// The value with every tensor of one type in the other, through tuples, lists and dictionaries.
c10::IValue converted(const c10::IValue& value, at::ScalarType from, at::ScalarType to);

}  // namespace cresset
