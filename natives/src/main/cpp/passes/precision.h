// Models in numbers of half the bytes: bfloat16, and on devices float16.
#pragma once

#include <torch/csrc/jit/api/module.h>

namespace cresset {

// dev.cresset.engine.Precision has the same in the same order.
enum PrecisionCode : int64_t { kAsSaved, kBfloat16, kFloat16 };

// A frozen module whose float32 weights and constants are numbers of this type; for arguments and results of that type. What its code says of
// float32 is said of that type, too. On the CPU, attention inside it is computed in float32, but
// where matrices of bfloat16 are multiplied.
torch::jit::Module in_precision(const torch::jit::Module& frozen, at::ScalarType numbers, c10::Device device);

// The value with every tensor of one type in the other, through tuples, lists and dictionaries.
c10::IValue converted(const c10::IValue& value, at::ScalarType from, at::ScalarType to);

}  // namespace cresset
