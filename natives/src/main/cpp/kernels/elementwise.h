// Chains of element-wise steps, computed block by block: what a step leaves is in the first cache when the next one reads it.
#pragma once

#include "kernels/activation.h"
#include "kernels/functions.h"
#include "kernels/kernels.h"
#include "kernels/vectors.h"

namespace cresset {

namespace {

// Comparisons make masks: all bits of a number, or none.
inline Vector mask(Indexes compared) { return reinterpret_cast<Vector>(compared); }
inline Indexes bits(Vector x) { return reinterpret_cast<Indexes>(x); }

// One step of a block.
void elementwise_step(const ElementwiseStep& step, const ElementwiseSlot* slots, int64_t size) {
    const ElementwiseSlot &out = slots[step.out], &first = slots[step.operands[0]], &second = slots[step.operands[1]],
                          &third = slots[step.operands[2]];
    const auto read = [size](const ElementwiseSlot& slot, int64_t i) {
        return slot.is_one_number ? repeated(*slot.data) : load(slot.data + i, size - i);
    };
#define FOR_EACH(...)                                    \
    for (int64_t i = 0; i < size; i += LANES) {          \
        const Vector a = read(first, i);                 \
        store(out.data + i, Vector(__VA_ARGS__), size - i); \
    }                                                    \
    break
#define FOR_EACH_PAIR(...)                                        \
    for (int64_t i = 0; i < size; i += LANES) {                   \
        const Vector a = read(first, i), b = read(second, i);     \
        store(out.data + i, Vector(__VA_ARGS__), size - i);       \
    }                                                             \
    break
#define FOR_EACH_THREE(...)                                                             \
    for (int64_t i = 0; i < size; i += LANES) {                                         \
        const Vector a = read(first, i), b = read(second, i), c = read(third, i);       \
        store(out.data + i, Vector(__VA_ARGS__), size - i);                             \
    }                                                                                   \
    break
    switch (step.kind) {
        case Elementwise::kAdd:
            FOR_EACH_PAIR(a + b);
        case Elementwise::kSub:
            FOR_EACH_PAIR(a - b);
        case Elementwise::kMul:
            FOR_EACH_PAIR(a * b);
        case Elementwise::kDiv:
            FOR_EACH_PAIR(a / b);
        case Elementwise::kMulAdd:
            FOR_EACH_THREE(a * b + c);
        case Elementwise::kMaximum:  // not a number, if either is not
            FOR_EACH_PAIR(((a < b) | (b != b)) ? b : a);
        case Elementwise::kMinimum:
            FOR_EACH_PAIR(((a > b) | (b != b)) ? b : a);
        case Elementwise::kNegative:
            FOR_EACH(-a);
        case Elementwise::kMagnitude:
            FOR_EACH(magnitude(a));
        case Elementwise::kExponential:
            FOR_EACH(exponential(a));
        case Elementwise::kLogarithm:
            FOR_EACH(logarithm(a));
        case Elementwise::kRoot:
            FOR_EACH(SQUARE_ROOT(a));
        case Elementwise::kInverseRoot:
            FOR_EACH(1.f / Vector(SQUARE_ROOT(a)));
        case Elementwise::kInverse:
            FOR_EACH(1.f / a);
        case Elementwise::kErrorFunction:
            FOR_EACH(error_function(a));
        case Elementwise::kActivation:
            activate(size, step.activation, out.data, [&](int64_t i) { return read(first, i); });
            break;
        case Elementwise::kLess:
            FOR_EACH_PAIR(mask(a < b));
        case Elementwise::kLessEqual:
            FOR_EACH_PAIR(mask(a <= b));
        case Elementwise::kGreater:
            FOR_EACH_PAIR(mask(a > b));
        case Elementwise::kGreaterEqual:
            FOR_EACH_PAIR(mask(a >= b));
        case Elementwise::kEqual:
            FOR_EACH_PAIR(mask(a == b));
        case Elementwise::kUnequal:
            FOR_EACH_PAIR(mask(a != b));
        case Elementwise::kAnd:
            FOR_EACH_PAIR(mask(bits(a) & bits(b)));
        case Elementwise::kOr:
            FOR_EACH_PAIR(mask(bits(a) | bits(b)));
        case Elementwise::kNot:
            FOR_EACH(mask(~bits(a)));
        case Elementwise::kWhere:
            FOR_EACH_THREE(bits(a) != 0 ? b : c);
    }
#undef FOR_EACH
#undef FOR_EACH_PAIR
#undef FOR_EACH_THREE
}

void elementwise(const ElementwiseStep* steps, int64_t count, const ElementwiseSlot* slots, int64_t size) {
    for (int64_t k = 0; k < count; k++) {
        elementwise_step(steps[k], slots, size);
    }
}

// Rows of numbers, each of which becomes the share that its exponential has in the row's.
void softmax(const float* x, int64_t width, float* out, int64_t first, int64_t last) {
    for (int64_t r = first; r < last; r++) {
        const float* row = x + r * width;
        float* to = out + r * width;
        Vector most = repeated(-__builtin_inff());
        int64_t whole = width / LANES * LANES;
        for (int64_t i = 0; i < whole; i += LANES) {
            const Vector value = load(row + i);
            most = most < value ? value : most;
        }
        float largest = -__builtin_inff();
        for (int lane = 0; whole > 0 && lane < LANES; lane++) {
            largest = largest < most[lane] ? most[lane] : largest;
        }
        for (int64_t i = whole; i < width; i++) {
            largest = largest < row[i] ? row[i] : largest;
        }
        Vector sums = {};
        for (int64_t i = 0; i < whole; i += LANES) {
            const Vector power = exponential(load(row + i) - largest);
            sums += power;
            store(to + i, power);
        }
        float sum = sum_of(sums);
        if (whole < width) {
            const int64_t left = width - whole;
            float last_ones[LANES] = {};
            store(last_ones, exponential(load(row + whole, left) - largest), left);
            sum += sum_of(load(last_ones));
            store(to + whole, load(last_ones), left);
        }
        for (int64_t i = 0; i < width; i += LANES) {
            store(to + i, load(to + i, width - i) / sum, width - i);
        }
    }
}

}  // namespace

}  // namespace cresset
