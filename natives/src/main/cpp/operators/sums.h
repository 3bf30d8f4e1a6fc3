// Sums and means along one dimension of a few numbers, which LibTorch spends a microsecond to prepare.
#pragma once

namespace cresset {

// Makes the operator known. Called once.
void register_sums();

}  // namespace cresset
