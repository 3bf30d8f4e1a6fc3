// What vectors.h needs to know of AVX-512.
#pragma once

#define LANES 16
#define COUNTS(F) F(1), F(2), F(3), F(4), F(5), F(6), F(7), F(8), F(9), F(10), F(11), F(12)
#define MASK __mmask16
#define MASK_OF(count) static_cast<__mmask16>((1u << (count)) - 1)
#define LOAD_MASKED(from, mask) _mm512_maskz_loadu_ps(mask, from)
#define STORE_MASKED(to, mask, value) _mm512_mask_storeu_ps(to, mask, value)
#define SQUARE_ROOT(x) _mm512_sqrt_ps(x)
// With a mask of all numbers: GCC's header leaves something undefined without one, and warns of it.
#define LARGER(a, b) Vector(_mm512_maskz_max_ps(0xffff, a, b))
#define SMALLER(a, b) Vector(_mm512_maskz_min_ps(0xffff, a, b))
#define RECIPROCAL(x) reciprocal(x)

namespace cresset {

namespace {

// A step of Newton's makes 28 of the instruction's 14 bits: much less than a division takes.
inline __m512 reciprocal(__m512 x) {
    const __m512 y = _mm512_maskz_rcp14_ps(0xffff, x);
    return _mm512_fmadd_ps(y, _mm512_fnmadd_ps(x, y, _mm512_set1_ps(1)), y);
}

}  // namespace

}  // namespace cresset
