#include "winograd_kernels.h"

#pragma GCC target("fma,avx2")
#pragma GCC optimize("fp-contract=fast")

#define LANES 8
#define MULTIPLIES multiply<1>, multiply<2>, multiply<3>, multiply<4>, multiply<5>, multiply<6>

namespace cresset::winograd {

namespace {
#include "winograd_tiles.h"
}

const Kernels& avx2() { return kKernels; }

}  // namespace cresset::winograd
