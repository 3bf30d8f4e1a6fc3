// Four sums of TAPS products each, of neighbouring numbers, in TAPS + 3 multiplications (Winograd, "Arithmetic Complexity of
// Computations", 1980): numbers and weights become polynomials, which are multiplied by their values at some points.
#pragma once

namespace cresset {

namespace {

// And infinity, which comes last. Chosen by trying, for little rounding.
constexpr double kPoints[] = {0, 1, -1, .5, -.5, -2};

template <int TAPS>
struct Filter {
    static constexpr int kPointsUsed = TAPS + 2;
    static constexpr int kElements = kPointsUsed + 1;

    double of_numbers[kElements][kElements];
    double of_weights[kElements][TAPS];
};

template <int TAPS>
constexpr Filter<TAPS> filter() {
    using Made = Filter<TAPS>;
    Made made{};
    for (int element = 0; element < Made::kElements; element++) {
        // The coefficients of the product of (x - point), over all points but this element's own.
        double* product = made.of_numbers[element];
        product[0] = 1;
        double distances = 1, power = 1;
        const bool is_infinity = element == Made::kPointsUsed;
        for (int i = 0; i < Made::kPointsUsed; i++) {
            if (i == element) {
                continue;
            }
            for (int j = Made::kPointsUsed; j > 0; j--) {
                product[j] = product[j - 1] - kPoints[i] * product[j];
            }
            product[0] *= -kPoints[i];
            distances *= is_infinity ? 1 : kPoints[element] - kPoints[i];
        }
        for (int tap = 0; tap < TAPS; tap++) {
            made.of_weights[element][tap] = is_infinity ? tap == TAPS - 1 : power / distances;
            power *= is_infinity ? 1 : kPoints[element];
        }
    }
    return made;
}

// Where an element is among those of the even rows, which have one more before the last.
constexpr int64_t place_of(int64_t element, int64_t taps, int64_t kernel) {
    return element == taps + 2 ? (kernel + 1) / 2 + 2 : element;
}

}  // namespace

}  // namespace cresset
