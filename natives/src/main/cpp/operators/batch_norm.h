// Batch normalisation that no convolution has taken up, by the model's statistics, of several images behind one another, too, with the
// activation that follows.
#pragma once

namespace cresset {

// Makes the operator known. Called once.
void register_batch_norm();

}  // namespace cresset
