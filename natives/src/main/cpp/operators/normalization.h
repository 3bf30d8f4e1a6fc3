// Batch normalisation that no convolution has taken up, normalisation of each image by itself, and concatenation of channels, with the activation that
// follows them. Images and rows are float32 and have their channels last.
#pragma once

namespace cresset {

// Makes the operators known. Called once.
void register_normalization();

}  // namespace cresset
