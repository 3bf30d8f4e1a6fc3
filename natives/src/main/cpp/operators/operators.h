// All operators of our own, but torchvision's.
#pragma once

namespace cresset {

// Makes them known to LibTorch. Called once, before any module runs.
void register_operators();

}  // namespace cresset
