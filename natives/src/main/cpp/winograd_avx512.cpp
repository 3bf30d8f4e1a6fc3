#include "winograd_kernels.h"

#pragma GCC target("avx512f,avx512vl,avx512dq,avx512bw,fma,avx2")
#pragma GCC optimize("fp-contract=fast")

#define LANES 16
#define MULTIPLIES                                                                                                      \
    multiply<1>, multiply<2>, multiply<3>, multiply<4>, multiply<5>, multiply<6>, multiply<7>, multiply<8>, multiply<9>, \
        multiply<10>, multiply<11>, multiply<12>

namespace cresset::winograd {

namespace {
#include "winograd_tiles.h"
}

const Kernels& avx512() { return kKernels; }

}  // namespace cresset::winograd
