// Vectors of the CPU, of LANES float32 numbers, and how much its caches hold. What a kernel is compiled for, the file that includes this
// says first: LANES, COUNTS (a macro for each number of rows that the registers have room for) and the macros of masks, with that
// instruction set switched on. So is every header of the kernels: each has its functions in a namespace of the file's own, for there
// is one of them for each instruction set. Nothing of the standard library is used in them: an inline function of it that was compiled
// for one CPU must not be the one that another part of the program is linked to.
#pragma once

#ifndef LANES
#error "say first which vectors the CPU has"
#endif

#include <cstdint>

namespace cresset {

namespace {

typedef float Vector __attribute__((vector_size(4 * LANES)));
typedef float Unaligned __attribute__((vector_size(4 * LANES), aligned(4)));

typedef int32_t Indexes __attribute__((vector_size(4 * LANES)));

inline Vector load(const float* from) { return *reinterpret_cast<const Unaligned*>(from); }
inline void store(float* to, Vector value) { *reinterpret_cast<Unaligned*>(to) = value; }

// The first `count` numbers of a vector, which has at least as many; the others are not looked at.
inline MASK mask_of(int64_t count) { return MASK_OF(count); }
inline Vector load(const float* from, MASK mask) { return Vector(LOAD_MASKED(from, mask)); }

// No more than `count` numbers, which may be more than a vector has.
inline Vector load(const float* from, int64_t count) { return count >= LANES ? load(from) : load(from, mask_of(count)); }
inline void store(float* to, Vector value, int64_t count) {
    if (count >= LANES) {
        store(to, value);
    } else {
        STORE_MASKED(to, mask_of(count), value);
    }
}

// In vectors of four, for narrow ones are added up faster.
inline float sum_of(Vector values) {
    typedef float Four __attribute__((vector_size(16)));
    typedef int32_t Places __attribute__((vector_size(16)));
    Four quarters[LANES / 4];
    __builtin_memcpy(quarters, &values, sizeof(quarters));
    for (int i = 1; i < LANES / 4; i++) {
        quarters[0] += quarters[i];
    }
    quarters[0] += __builtin_shuffle(quarters[0], Places{2, 3, 0, 1});
    return quarters[0][0] + quarters[0][1];
}

inline int64_t min(int64_t a, int64_t b) { return a < b ? a : b; }
inline int64_t max(int64_t a, int64_t b) { return a > b ? a : b; }

// The columns of weights that lie together.
constexpr int64_t kPanel = 2 * LANES;

// In float32 numbers: a line of the caches, and what a part of the first and of the second holds.
constexpr int64_t kLineFloats = 16;
constexpr int64_t kL1Floats = 4 * 1024;
constexpr int64_t kL2Floats = 64 * 1024;

#define ONE(count) 1
constexpr int64_t kCounts[] = {COUNTS(ONE)};
constexpr int64_t kMaxRows = sizeof(kCounts) / sizeof(kCounts[0]);

}  // namespace

}  // namespace cresset
