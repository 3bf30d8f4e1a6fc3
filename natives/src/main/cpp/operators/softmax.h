// Softmax along the last dimension of float32.
#pragma once

namespace cresset {

// Makes the operator known. Called once.
void register_softmax();

}  // namespace cresset
