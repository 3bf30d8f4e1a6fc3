// Linear layers of constant weights, which are packed for our own product of matrices, with an addition and an activation behind.
#pragma once

namespace cresset {

// Whether this CPU has kernels for it.
bool can_compute_linear();

void register_linear();

}  // namespace cresset
