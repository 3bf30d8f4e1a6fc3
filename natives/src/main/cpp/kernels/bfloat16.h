// Numbers of bfloat16, which are computed with in float32.
#pragma once

#include "kernels/vectors.h"

namespace cresset {

namespace {

// The upper half of a float32.
struct BFloat16 {
    uint16_t bits;
};
typedef uint16_t Halves __attribute__((vector_size(2 * LANES), aligned(2)));
typedef uint32_t Words __attribute__((vector_size(4 * LANES)));

inline Vector load(const BFloat16* from) {
    return reinterpret_cast<Vector>(__builtin_convertvector(*reinterpret_cast<const Halves*>(from), Words) << 16);
}

// Rounded to the nearest, halves to the even one.
inline void store(BFloat16* to, Vector value) {
    const Words words = reinterpret_cast<Words>(value);
    const Words rounded = (words + 0x7fff + ((words >> 16) & 1)) >> 16;
    const Words not_a_number = Words{} + 0x7fc0;
    *reinterpret_cast<Halves*>(to) = __builtin_convertvector(value == value ? rounded : not_a_number, Halves);
}

// A number as float32, whichever of the two it is.
inline float number(const float* from) { return *from; }
inline float number(const BFloat16* from) {
    const uint32_t bits = static_cast<uint32_t>(from->bits) << 16;
    float value;
    __builtin_memcpy(&value, &bits, sizeof(value));
    return value;
}

}  // namespace

}  // namespace cresset
