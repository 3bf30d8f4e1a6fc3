// Recurrent layers (LSTM, GRU and plain ones) of weights that are packed once. The products with the inputs of many steps are one product
// of matrices; then each step is a product with the state before and, while the sums are in registers, the gates. LibTorch takes a dozen
// operators for a step.
#pragma once

namespace cresset {

// Makes the operators known. Called once.
void register_recurrent();

}  // namespace cresset
