// What follows a convolution or a linear layer, of vectors. What is not a number stays so, as in LibTorch.
#pragma once

#include "kernels/functions.h"
#include "kernels/kernels.h"
#include "kernels/vectors.h"

namespace cresset {

namespace {

inline Vector at_least(Vector value, float limit) { return value < limit ? Vector{} + limit : value; }
inline Vector at_most(Vector value, float limit) { return value > limit ? Vector{} + limit : value; }

template <int COUNT>
inline void activate(Vector* values, Activation activation) {
    switch (kind_of(activation)) {
        case Activation::kRelu:
            for (int i = 0; i < COUNT; i++) {
                values[i] = at_least(values[i], 0);
            }
            break;
        case Activation::kRelu6:
            for (int i = 0; i < COUNT; i++) {
                values[i] = at_most(at_least(values[i], 0), 6);
            }
            break;
        case Activation::kHardswish:
            for (int i = 0; i < COUNT; i++) {
                values[i] = values[i] * at_most(at_least(values[i] + 3, 0), 6) / 6;
            }
            break;
        case Activation::kHardsigmoid:
            for (int i = 0; i < COUNT; i++) {
                values[i] = at_most(at_least(values[i] + 3, 0), 6) / 6;
            }
            break;
        case Activation::kSilu:
            for (int i = 0; i < COUNT; i++) {
                values[i] = values[i] * sigmoid(values[i]);
            }
            break;
        case Activation::kSigmoid:
            for (int i = 0; i < COUNT; i++) {
                values[i] = sigmoid(values[i]);
            }
            break;
        case Activation::kGelu:
            for (int i = 0; i < COUNT; i++) {
                values[i] = gelu(values[i]) + (values[i] - values[i]);
            }
            break;
        case Activation::kGeluErf:
            for (int i = 0; i < COUNT; i++) {
                values[i] = gelu(values[i]);
            }
            break;
        case Activation::kGeluTanh:
            for (int i = 0; i < COUNT; i++) {
                values[i] = gelu_by_tangent(values[i]);
            }
            break;
        case Activation::kTanh:
            for (int i = 0; i < COUNT; i++) {
                values[i] = tangent(values[i]);
            }
            break;
        case Activation::kSelu:
            for (int i = 0; i < COUNT; i++) {
                values[i] = 1.05070098735548f * (values[i] > 0 ? values[i] : 1.67326324235438f * (exponential(values[i]) - 1.f));
            }
            break;
        case Activation::kElu:
            for (int i = 0; i < COUNT; i++) {
                values[i] = values[i] > 0 ? values[i] : number_of(activation) * (exponential(values[i]) - 1.f);
            }
            break;
        case Activation::kLeakyRelu:
            for (int i = 0; i < COUNT; i++) {
                values[i] = values[i] > 0 ? values[i] : number_of(activation) * values[i];
            }
            break;
        case Activation::kNone:
            break;
    }
}

void activate(const float* x, int64_t size, Activation activation, float* out) {
    for (int64_t i = 0; i < size; i += LANES) {
        Vector value = load(x + i, size - i);
        activate<1>(&value, activation);
        store(out + i, value, size - i);
    }
}

}  // namespace

}  // namespace cresset
