#if defined(__x86_64__)

#include "kernels/kernels.h"

#pragma GCC target("avx512f,avx512vl,avx512dq,avx512bw,fma,avx2")
#pragma GCC optimize("O3", "fp-contract=fast")

// GCC's own header leaves a number undefined on purpose, which it then warns of. The same kernels are compiled for AVX2 without this.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"

#include <immintrin.h>

#include "kernels/vectors_avx512.h"

#include "kernels/table.h"

namespace cresset {

const Kernels& avx512() { return kKernels; }

}  // namespace cresset

#endif
