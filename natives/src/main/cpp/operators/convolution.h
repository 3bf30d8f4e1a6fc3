// Convolutions without LibTorch's way to them: their weights are packed once, what follows them (an addition, an activation)
// is computed where their sums are written, images keep their channels last from one to the next, and those that Winograd's
// algorithm makes faster or that are depthwise separable are computed by kernels of our own. The others are oneDNN's.
#pragma once

namespace cresset {

// Whether there is a oneDNN to leave the others to.
bool can_link_convolution();

// Makes the operator known. Called once.
void register_convolution();

}  // namespace cresset
