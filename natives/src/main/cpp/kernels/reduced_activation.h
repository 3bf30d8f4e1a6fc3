// Activations of numbers of bfloat16, which are computed in float32.
#pragma once

#include "kernels/activation.h"
#include "kernels/bfloat16.h"
#include "kernels/kernels.h"

namespace cresset {

namespace {

template <int COUNT>
inline void activate_bfloat16(const BFloat16* from, Activation activation, BFloat16* to) {
    Vector values[COUNT];
    for (int i = 0; i < COUNT; i++) {
        values[i] = load(from + i * LANES);
    }
    activate<COUNT>(values, activation);
    for (int i = 0; i < COUNT; i++) {
        store(to + i * LANES, values[i]);
    }
}

void activate_bfloat16(const void* x, int64_t size, Activation activation, void* out) {
    constexpr int kAtOnce = 4;
    const auto* from = static_cast<const BFloat16*>(x);
    auto* to = static_cast<BFloat16*>(out);
    int64_t i = 0;
    for (; i + kAtOnce * LANES <= size; i += kAtOnce * LANES) {
        activate_bfloat16<kAtOnce>(from + i, activation, to + i);
    }
    for (; i < size; i += LANES) {
        // Of the last vector there may be less than a whole one.
        const size_t bytes = sizeof(BFloat16) * (size - i < LANES ? size - i : LANES);
        BFloat16 part[LANES] = {};
        __builtin_memcpy(part, from + i, bytes);
        activate_bfloat16<1>(part, activation, part);
        __builtin_memcpy(to + i, part, bytes);
    }
}

}  // namespace

}  // namespace cresset
