#if defined(__x86_64__)

#include "kernels/kernels.h"

#pragma GCC target("fma,avx2")
#pragma GCC optimize("O3", "fp-contract=fast")

#include <immintrin.h>

#define LANES 8
#define COUNTS(F) F(1), F(2), F(3), F(4), F(5), F(6)
#define MASK __m256i
#define MASK_OF(count) \
    _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(count)), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7))
#define LOAD_MASKED(from, mask) _mm256_maskload_ps(from, mask)
#define STORE_MASKED(to, mask, value) _mm256_maskstore_ps(to, mask, value)
#define SQUARE_ROOT(x) _mm256_sqrt_ps(x)
#define LARGER(a, b) Vector(_mm256_max_ps(a, b))
#define SMALLER(a, b) Vector(_mm256_min_ps(a, b))
#define RECIPROCAL(x) (1.f / (x))

#include "kernels/table.h"

namespace cresset {

const Kernels& avx2() { return kKernels; }

}  // namespace cresset

#endif
