#if defined(__x86_64__)

#include "kernels/kernels.h"

#pragma GCC target("avx512bf16,avx512f,avx512vl,avx512dq,avx512bw,fma,avx2")
#pragma GCC optimize("O3", "fp-contract=fast")

#include <immintrin.h>

#include "kernels/vectors_avx512.h"

#include "kernels/bfloat16.h"
#include "kernels/winograd.h"

namespace cresset {

namespace {

// Two numbers of a row times two of each column at once: twice as many products as in float32.
struct Pairs {
    using Number = BFloat16;
    static constexpr int kChannels = 2;

    static inline Vector each(const BFloat16* pair) {
        uint32_t bits;
        __builtin_memcpy(&bits, pair, sizeof(bits));
        return reinterpret_cast<Vector>(bits - Words{});
    }

    static inline Vector add(Vector sum, Vector values, Vector weights) {
        return Vector(_mm512_dpbf16_ps(__m512(sum), reinterpret_cast<__m512bh>(values), reinterpret_cast<__m512bh>(weights)));
    }
};

}  // namespace

const Kernels& avx512_bf16() {
    static const Kernels all = [] {
        Kernels found = avx512();
        found.bfloat16_tiles_of_2 = convolve<2, 1, BFloat16, Pairs>;
        found.bfloat16_strided_tiles_of_2 = convolve<2, 2, BFloat16, Pairs>;
        found.has_pairs = true;
        return found;
    }();
    return all;
}

}  // namespace cresset

#endif
