// Normalisation of each image by itself, each channel or groups of them, with the activation that follows.
#pragma once

namespace cresset {

// Makes the operators known. Called once.
void register_group_norm();

}  // namespace cresset
