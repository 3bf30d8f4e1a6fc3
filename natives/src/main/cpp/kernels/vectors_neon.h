// What vectors.h needs to know of NEON, which every CPU of 64-bit ARM has. It has no masks: the numbers of a part are counted.
#pragma once

#include <cstdint>

namespace cresset {

namespace {

typedef float Four __attribute__((vector_size(16)));

struct Count {
    int64_t of;
};

inline Four load_counted(const float* from, Count count) {
    Four found{};
    for (int i = 0; i < 4; i++) {
        if (i < count.of) {
            found[i] = from[i];
        }
    }
    return found;
}

inline void store_counted(float* to, Four value, Count count) {
    for (int i = 0; i < 4; i++) {
        if (i < count.of) {
            to[i] = value[i];
        }
    }
}

}  // namespace

}  // namespace cresset

#define LANES 4
#define COUNTS(F) F(1), F(2), F(3), F(4), F(5), F(6), F(7), F(8), F(9), F(10), F(11), F(12)
#define MASK Count
#define MASK_OF(count) (Count{count})
#define LOAD_MASKED(from, mask) load_counted(from, mask)
#define STORE_MASKED(to, mask, value) store_counted(to, value, mask)
#define SQUARE_ROOT(x) vsqrtq_f32(x)
#define LARGER(a, b) ((b) < (a) ? (a) : (b))
#define SMALLER(a, b) ((b) > (a) ? (a) : (b))
#define RECIPROCAL(x) (1.f / (x))
