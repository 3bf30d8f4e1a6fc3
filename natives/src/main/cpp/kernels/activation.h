// What follows a convolution or a linear layer, of vectors. What is not a number stays so, as in LibTorch.
#pragma once

#include "kernels/functions.h"
#include "kernels/kernels.h"
#include "kernels/vectors.h"

namespace cresset {

namespace {

// What takes many instructions, which are there once for all kernels: of vectors in memory.
template <typename Function>
inline void each(Vector* values, int count, Function function) {
    for (int i = 0; i < count; i++) {
        values[i] = function(values[i]);
    }
}

__attribute__((noinline)) void activate_in_memory(Vector* values, int count, Activation activation) {
    switch (kind_of(activation)) {
        case Activation::kSilu:
            return each(values, count, [&](Vector x) { return x * sigmoid(x); });
        case Activation::kSigmoid:
            return each(values, count, [&](Vector x) { return sigmoid(x); });
        case Activation::kGelu:
            return each(values, count, [&](Vector x) { return gelu(x) + (x - x); });
        case Activation::kGeluErf:
            return each(values, count, [&](Vector x) { return gelu(x); });
        case Activation::kGeluTanh:
            return each(values, count, [&](Vector x) { return gelu_by_tangent(x); });
        case Activation::kTanh:
            return each(values, count, [&](Vector x) { return tangent(x); });
        case Activation::kSelu:
            return each(values, count, [&](Vector x) { return 1.05070098735548f * (x > 0 ? x : 1.67326324235438f * (exponential(x) - 1.f)); });
        case Activation::kElu:
            return each(values, count, [number = number_of(activation)](Vector x) { return x > 0 ? x : number * (exponential(x) - 1.f); });
        default:
            break;
    }
}

// What takes few: of vectors that are in registers, and stay there.
template <int COUNT, typename Function>
__attribute__((always_inline)) inline void in_registers(Vector* values, Function function) {
#pragma GCC unroll 24
    for (int i = 0; i < COUNT; i++) {
        values[i] = function(values[i]);
    }
}

template <int COUNT>
__attribute__((always_inline)) inline void activate(Vector* values, Activation activation) {
    switch (kind_of(activation)) {
        case Activation::kNone:
            return;
        case Activation::kRelu:
            return in_registers<COUNT>(values, [&](Vector x) { return at_least(x, 0); });
        case Activation::kRelu6:
            return in_registers<COUNT>(values, [&](Vector x) { return at_most(at_least(x, 0), 6); });
        case Activation::kHardswish:
            return in_registers<COUNT>(values, [&](Vector x) { return x * at_most(at_least(x + 3, 0), 6) * (1.f / 6); });
        case Activation::kHardsigmoid:
            return in_registers<COUNT>(values, [&](Vector x) { return at_most(at_least(x + 3, 0), 6) * (1.f / 6); });
        case Activation::kLeakyRelu:
            return in_registers<COUNT>(values, [number = number_of(activation)](Vector x) { return x > 0 ? x : number * x; });
        default:
            break;
    }
    Vector held[COUNT];
#pragma GCC unroll 24
    for (int i = 0; i < COUNT; i++) {
        held[i] = values[i];
    }
    activate_in_memory(held, COUNT, activation);
#pragma GCC unroll 24
    for (int i = 0; i < COUNT; i++) {
        values[i] = held[i];
    }
}

// So many numbers, of which `read` has a vector each time.
template <typename Read>
inline void activate(int64_t size, Activation activation, float* out, Read read) {
    constexpr int kAtOnce = 8;
    int64_t i = 0;
    for (; i + kAtOnce * LANES <= size; i += kAtOnce * LANES) {
        Vector values[kAtOnce];
#pragma GCC unroll 8
        for (int v = 0; v < kAtOnce; v++) {
            values[v] = read(i + v * LANES);
        }
        activate<kAtOnce>(values, activation);
#pragma GCC unroll 8
        for (int v = 0; v < kAtOnce; v++) {
            store(out + i + v * LANES, values[v]);
        }
    }
    for (; i < size; i += LANES) {
        Vector value = read(i);
        activate<1>(&value, activation);
        store(out + i, value, size - i);
    }
}

void activate(const float* x, int64_t size, Activation activation, float* out) {
    activate(size, activation, out, [&](int64_t i) { return load(x + i, size - i); });
}

}  // namespace

}  // namespace cresset
