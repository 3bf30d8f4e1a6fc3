#if defined(__x86_64__)

#include "kernels/kernels.h"

#pragma GCC target("avx512f,avx512vl,avx512dq,avx512bw,fma,avx2")
#pragma GCC optimize("O3", "fp-contract=fast")

#include <immintrin.h>

#include "kernels/vectors_avx512.h"

#include "kernels/table.h"

namespace cresset {

const Kernels& avx512() { return kKernels; }

}  // namespace cresset

#endif
