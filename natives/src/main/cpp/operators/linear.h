// Linear layers without LibTorch's dispatcher. Of the microseconds that a small network takes, nearly all are spent on the way to the
// arithmetic: views of the weights, checks, tables of kernels. One operator of our own hands rows, weights and bias straight to the BLAS
// that LibTorch itself would end up in.
#pragma once

namespace cresset {

// Whether there is a BLAS to hand them to.
bool can_link_linear();

// Makes the operator known. Called once.
void register_linear();

}  // namespace cresset
