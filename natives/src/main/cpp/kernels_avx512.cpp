#include "kernels.h"

#pragma GCC target("avx512f,avx512vl,avx512dq,avx512bw,fma,avx2")
#pragma GCC optimize("fp-contract=fast")

#include <immintrin.h>

#define LANES 16
#define COUNTS(F) F(1), F(2), F(3), F(4), F(5), F(6), F(7), F(8), F(9), F(10), F(11), F(12)
#define LOAD_SOME(from, count) _mm512_maskz_loadu_ps(static_cast<__mmask16>((1u << (count)) - 1), from)
#define STORE_SOME(to, value, count) _mm512_mask_storeu_ps(to, static_cast<__mmask16>((1u << (count)) - 1), value)

namespace cresset {

namespace {
#include "kernels_of_vectors.h"
}

const Kernels& avx512() { return kKernels; }

}  // namespace cresset
