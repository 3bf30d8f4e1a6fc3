// Attention in float32, also of bfloat16 numbers.
#pragma once

namespace cresset {

// Makes the operator known. Called once, before any module runs.
// Whether this CPU has kernels for it.
bool can_compute_attention();

void register_attention();

}  // namespace cresset
