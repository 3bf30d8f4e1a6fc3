// Exponentials and their relatives, of vectors, to about two units in the last place. The polynomials are fitted to be furthest off by
// as little as can be (Remez); what is not a number stays so, and infinities go where they belong.
#pragma once

#include "kernels/vectors.h"

namespace cresset {

namespace {

inline Vector repeated(float value) { return value - Vector{}; }

inline Vector magnitude(Vector x) { return reinterpret_cast<Vector>(reinterpret_cast<Indexes>(x) & 0x7fffffff); }

inline Vector with_sign_of(Vector x, Vector sign) {
    return reinterpret_cast<Vector>(reinterpret_cast<Indexes>(x) | (reinterpret_cast<Indexes>(sign) & INT32_MIN));
}

// What is not a number stays so.
inline Vector at_least(Vector value, float limit) { return LARGER(repeated(limit), value); }
inline Vector at_most(Vector value, float limit) { return SMALLER(repeated(limit), value); }

// Two to the power of a whole number between -126 and 127.
inline Vector power_of_two(Indexes n) { return reinterpret_cast<Vector>((n + 127) << 23); }

// x = n log(2) + r: e to the power of r, and a number whose lower bits are n.
struct Exponent {
    Vector power, whole;
};

inline Exponent exponent_of(Vector x) {
    // To add and to subtract so large a number rounds to a whole one, which is then in the sum's lower bits.
    constexpr float kRounder = 12582912.f;
    const Vector sum = x * 1.44269504f + kRounder;
    const Vector whole = sum - kRounder;
    const Vector r = x - whole * 0.693145752f - whole * 1.42860677e-6f;
    const Vector higher = (((1.3950524e-3f * r + 8.3689083e-3f) * r + 4.16662053e-2f) * r + 1.66665187e-1f) * r + 5.00000010e-1f;
    return {higher * (r * r) + r + 1.f, sum};
}

inline Vector exponential(Vector x) {
    // Beyond these there is nothing but infinity, and nothing.
    const Exponent of = exponent_of(at_most(at_least(x, -104.f), 89.f));
    // In two halves, for n goes from -150 to 128.
    const Indexes n = reinterpret_cast<Indexes>(of.whole) - reinterpret_cast<Indexes>(repeated(12582912.f));
    const Indexes half = n >> 1;
    return of.power * power_of_two(half) * power_of_two(n - half);
}

// The same of what is between -86 and 88, or no number.
inline Vector bounded_exponential(Vector x) {
    const Exponent of = exponent_of(x);
    return of.power * power_of_two(reinterpret_cast<Indexes>(of.whole));
}

inline Vector logarithm(Vector x) {
    // Numbers without a leading one are made larger first. x = m 2^n, m between the roots of a half and of two.
    const Indexes is_small = x < 1.17549435e-38f;
    const Vector scaled = is_small ? x * 8388608.f : x;
    const Indexes n = (reinterpret_cast<Indexes>(scaled) - 0x3f3504f3) >> 23;
    const Vector m = reinterpret_cast<Vector>(reinterpret_cast<Indexes>(scaled) - (n << 23));
    const Vector whole = __builtin_convertvector(is_small ? n - 23 : n, Vector);
    const Vector r = m - 1.f, s = r * r;
    const Vector polynomial = ((((((((7.0376836292e-2f * r - 1.1514610310e-1f) * r + 1.1676998740e-1f) * r - 1.2420140846e-1f) * r +
                                   1.4249322787e-1f) * r - 1.6668057665e-1f) * r + 2.0000714765e-1f) * r - 2.4999993993e-1f) * r +
                                3.3333331174e-1f);
    const Vector finite = whole * 0.693359375f + (r + (whole * -2.12194440e-4f - 0.5f * s + polynomial * r * s));
    const Vector infinity = repeated(__builtin_inff());
    const Vector positive = x < infinity ? finite : x;
    return x > 0 ? positive : x == 0 ? -infinity : repeated(__builtin_nanf("")) + x;
}

inline Vector sigmoid(Vector x) {
    // Above 20 it is one. In parts so small that neither the sum overflows nor its inverse is denormal.
    constexpr float kPart = 0x1p-64f;
    const Exponent of = exponent_of(at_least(at_most(-x, 89.f), -20.f));
    const Vector sum = kPart + of.power * power_of_two(reinterpret_cast<Indexes>(of.whole) - 64);
    // Nothing, where LibTorch's exponential is infinite.
    return x < -88.7228394f ? Vector{} : kPart * RECIPROCAL(sum);
}

inline Vector tangent(Vector x) {  // the hyperbolic one
    const Vector size = magnitude(x);
    const Vector z = x * x;
    const Vector small =
        ((((-5.7170432e-3f * z + 2.06505857e-2f) * z - 5.37434976e-2f) * z + 1.33314913e-1f) * z - 3.33332839e-1f) * z * x + x;
    const Vector large = with_sign_of(1.f - 2.f * sigmoid(-2.f * size), x);
    return size < 0.625f ? small : large;
}

inline Vector error_function(Vector x) {
    const Vector size = magnitude(x);
    const Vector s = x * x;
    const Vector small = ((((((8.2154268e-5f * s - 8.1059660e-4f) * s + 5.1977973e-3f) * s - 2.68581043e-2f) * s + 1.12836725e-1f) * s -
                           3.76126323e-1f) * s + 1.28379167e-1f) * x + x;
    // 1 - exp(-polynomial); from 4 on it is 1.
    const Vector t = size > 4.f ? repeated(4.f) : size;
    const Vector polynomial = (((((-1.9718171e-4f * t + 3.0556075e-3f) * t - 2.22770869e-2f) * t + 1.0403736e-1f) * t +
                                6.37059753e-1f) * t + 1.27749563e-1f) * t + t + 1.7749449e-4f;
    const Vector large = with_sign_of(1.f - bounded_exponential(-polynomial), x);
    return size < 0.9f ? small : large;
}

inline Vector gelu(Vector x) { return 0.5f * x * (1.f + error_function(x * 0.707106781f)); }

// With tanh in the place of erf: torch.nn.functional.gelu(x, approximate="tanh").
inline Vector gelu_by_tangent(Vector x) {
    const Vector inner = 0.797884561f * (x + 0.044715f * x * x * x);
    return 0.5f * x * (1.f + tangent(inner));
}

}  // namespace

}  // namespace cresset
