// Chains of element-wise operators as one: each of LibTorch's takes a microsecond to prepare, and memory for what it leaves.
#pragma once

namespace cresset {

// Makes the operator known. Called once.
void register_elementwise();

}  // namespace cresset
