// Max pooling of images that have their channels last, as convolutions of ours leave them. LibTorch's own takes three times as
// long.
#pragma once

namespace cresset {

// Makes the operator known. Called once.
void register_pooling();

}  // namespace cresset
