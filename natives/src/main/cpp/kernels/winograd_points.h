// Where Winograd's algorithm looks at polynomials for tiles of 4, besides nothing and infinity: what transforms multiply by are the
// powers of these numbers and what they are apart. Chosen by trying, for little rounding; of Lavin and Gray's (1 and 2), it is twice as
// much, and at worst four times.
#pragma once

namespace cresset {

namespace {

// For three weights, and as far below nothing.
constexpr double kNear = 0.625, kFar = 1.5;
constexpr double kNear2 = kNear * kNear, kFar2 = kFar * kFar;

// For two weights.
constexpr double kFirst = 0.625, kSecond = -1, kThird = 2;

}  // namespace

}  // namespace cresset
