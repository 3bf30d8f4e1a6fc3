// Attention in float32, also of bfloat16 numbers.
#pragma once

namespace cresset {

// Makes the operator known. Called once, before any module runs.
void register_attention();

}  // namespace cresset
