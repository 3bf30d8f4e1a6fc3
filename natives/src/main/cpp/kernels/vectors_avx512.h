// What vectors.h needs to know of AVX-512.
#pragma once

#define LANES 16
#define COUNTS(F) F(1), F(2), F(3), F(4), F(5), F(6), F(7), F(8), F(9), F(10), F(11), F(12)
#define MASK __mmask16
#define MASK_OF(count) static_cast<__mmask16>((1u << (count)) - 1)
#define LOAD_MASKED(from, mask) _mm512_maskz_loadu_ps(mask, from)
#define STORE_MASKED(to, mask, value) _mm512_mask_storeu_ps(to, mask, value)
#define SQUARE_ROOT(x) _mm512_sqrt_ps(x)
