// What squeeze-and-excitation (Hu and others, "Squeeze-and-Excitation Networks", 2018) does between its convolutions: the mean of
// each channel, and an image whose channels are multiplied by a number each. LibTorch takes longer to prepare either than to
// compute it.
#pragma once

namespace cresset {

// Makes the operators known. Called once.
void register_squeeze_excitation();

}  // namespace cresset
