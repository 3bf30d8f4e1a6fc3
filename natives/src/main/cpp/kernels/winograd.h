// Winograd's algorithm for some of the tiles of a convolution.
#pragma once

#include "kernels/bfloat16.h"
#include "kernels/kernels.h"
#include "kernels/winograd_outliers.h"
#include "kernels/vectors.h"
#include "kernels/winograd_points.h"

namespace cresset {

namespace {

// A row of a tile to its transform, which is as long; and a row of products to one of the output. Of vectors that lie `step` and
// `to_step` apart. Those for tiles of 2 and stride 1 are Lavin and Gray's.
template <int TILE, int STRIDE>
struct Transform;

template <>
struct Transform<2, 1> {
    static inline void input(const Vector* d, int step, Vector* to, int to_step) {
        Vector d0 = d[0], d1 = d[step], d2 = d[2 * step], d3 = d[3 * step];
        to[0] = d0 - d2;
        to[to_step] = d1 + d2;
        to[2 * to_step] = d2 - d1;
        to[3 * to_step] = d1 - d3;
    }

    static inline void output(const Vector* m, int step, Vector* to, int to_step) {
        to[0] = m[0] + m[step] + m[2 * step];
        to[to_step] = m[step] - m[2 * step] - m[3 * step];
    }
};

template <>
struct Transform<4, 1> {
    static inline void input(const Vector* d, int step, Vector* to, int to_step) {
        Vector d0 = d[0], d1 = d[step], d2 = d[2 * step], d3 = d[3 * step], d4 = d[4 * step], d5 = d[5 * step];
        constexpr float kNear = cresset::kNear, kNear2 = cresset::kNear2, kFar = cresset::kFar, kFar2 = cresset::kFar2;
        Vector even = d4 - kFar2 * d2, odd = d3 - kFar2 * d1;
        Vector even2 = d4 - kNear2 * d2, odd2 = d3 - kNear2 * d1;
        to[0] = d4 - (kNear2 + kFar2) * d2 + kNear2 * kFar2 * d0;
        to[to_step] = even + kNear * odd;
        to[2 * to_step] = even - kNear * odd;
        to[3 * to_step] = even2 + kFar * odd2;
        to[4 * to_step] = even2 - kFar * odd2;
        to[5 * to_step] = d5 - (kNear2 + kFar2) * d3 + kNear2 * kFar2 * d1;
    }

    static inline void output(const Vector* m, int step, Vector* to, int to_step) {
        constexpr float kNear = cresset::kNear, kNear2 = cresset::kNear2, kFar = cresset::kFar, kFar2 = cresset::kFar2;
        Vector sum = m[step] + m[2 * step], difference = m[step] - m[2 * step];
        Vector sum2 = m[3 * step] + m[4 * step], difference2 = m[3 * step] - m[4 * step];
        to[0] = m[0] + sum + sum2;
        to[to_step] = kNear * difference + kFar * difference2;
        to[2 * to_step] = kNear2 * sum + kFar2 * sum2;
        to[3 * to_step] = m[5 * step] + kNear * kNear2 * difference + kFar * kFar2 * difference2;
    }
};

// With stride 2, every other pixel meets the outer two of three weights, those between meet the one in the middle. The former is a
// convolution of two weights with stride 1, which takes one product more than there are pixels in the output; the latter takes one
// for each of these, all with the same weight. They come in this order.
template <>
struct Transform<2, 2> {
    static inline void input(const Vector* d, int step, Vector* to, int to_step) {
        Vector d0 = d[0], d1 = d[step], d2 = d[2 * step], d3 = d[3 * step], d4 = d[4 * step];
        to[0] = d0 - d2;
        to[to_step] = d2;
        to[2 * to_step] = d4 - d2;
        to[3 * to_step] = d1;
        to[4 * to_step] = d3;
    }

    static inline void output(const Vector* m, int step, Vector* to, int to_step) {
        to[0] = m[0] + m[step] + m[3 * step];
        to[to_step] = m[step] + m[2 * step] + m[4 * step];
    }
};

template <>
struct Transform<4, 2> {
    static inline void input(const Vector* d, int step, Vector* to, int to_step) {
        Vector d0 = d[0], d1 = d[step], d2 = d[2 * step], d3 = d[3 * step], d4 = d[4 * step];
        Vector d5 = d[5 * step], d6 = d[6 * step], d7 = d[7 * step], d8 = d[8 * step];
        constexpr float kSum = kFirst + kSecond + kThird, kProduct = kFirst * kSecond * kThird;
        constexpr float kProducts = kFirst * kSecond + kFirst * kThird + kSecond * kThird;
        to[0] = d6 - kSum * d4 + kProducts * d2 - kProduct * d0;
        to[to_step] = d6 - float(kSecond + kThird) * d4 + float(kSecond * kThird) * d2;
        to[2 * to_step] = d6 - float(kFirst + kThird) * d4 + float(kFirst * kThird) * d2;
        to[3 * to_step] = d6 - float(kFirst + kSecond) * d4 + float(kFirst * kSecond) * d2;
        to[4 * to_step] = d8 - kSum * d6 + kProducts * d4 - kProduct * d2;
        to[5 * to_step] = d1;
        to[6 * to_step] = d3;
        to[7 * to_step] = d5;
        to[8 * to_step] = d7;
    }

    static inline void output(const Vector* m, int step, Vector* to, int to_step) {
        constexpr float kFirst2 = kFirst * kFirst, kSecond2 = kSecond * kSecond, kThird2 = kThird * kThird;
        Vector first = m[step], second = m[2 * step], third = m[3 * step];
        to[0] = m[0] + first + second + third + m[5 * step];
        to[to_step] = m[6 * step] + float(kFirst) * first + float(kSecond) * second + float(kThird) * third;
        to[2 * to_step] = m[7 * step] + kFirst2 * first + kSecond2 * second + kThird2 * third;
        to[3 * to_step] = m[4 * step] + m[8 * step] + float(kFirst2 * kFirst) * first + float(kSecond2 * kSecond) * second +
                          float(kThird2 * kThird) * third;
    }
};

// What is multiplied: numbers of one channel, or of as many as the CPU multiplies and adds up at once.
struct Singles {
    using Number = float;
    static constexpr int kChannels = 1;

    static inline Vector each(const float* number) { return *number - Vector{}; }
    static inline Vector add(Vector sum, Vector values, Vector weights) { return sum + values * weights; }
};

// Rows of a, times a panel of weights. Meanwhile a line of memory a step is fetched that will be needed next.
template <typename Multiplied, int COUNT>
void multiply(const typename Multiplied::Number* a, int64_t row, const float* panel, int64_t channels, float* to, int64_t to_row,
              const float* next) {
    constexpr int kStep = Multiplied::kChannels;
    Vector sums[COUNT][2];
    for (int r = 0; r < COUNT; r++) {
        sums[r][0] = sums[r][1] = Vector{};
    }
    for (int64_t c = 0; c < channels; c += kStep, panel += kPanel, next += kLineFloats) {
        __builtin_prefetch(next, /* rw= */ 0, /* locality= */ 2);
        Vector left = load(panel), right = load(panel + LANES);
#pragma GCC unroll 12
        for (int r = 0; r < COUNT; r++) {
            Vector value = Multiplied::each(a + r * row + c);
            sums[r][0] = Multiplied::add(sums[r][0], value, left);
            sums[r][1] = Multiplied::add(sums[r][1], value, right);
        }
    }
#pragma GCC unroll 12
    for (int r = 0; r < COUNT; r++) {
        store(to + r * to_row, sums[r][0]);
        store(to + r * to_row + LANES, sums[r][1]);
    }
}

template <typename Multiplied>
struct Multiply {
    using Function = void (*)(const typename Multiplied::Number*, int64_t, const float*, int64_t, float*, int64_t, const float*);
#define MULTIPLY(count) multiply<Multiplied, count>
    static constexpr Function kOf[] = {nullptr, COUNTS(MULTIPLY)};
};

// How many pixels of the input a tile is wide, and elements when it is transformed.
template <int TILE, int STRIDE>
constexpr int side() {
    return (TILE - 1) * STRIDE + 3;
}

struct Place {
    int64_t image, y, x;
};

template <int TILE>
inline Place place(const WinogradTiles& work, int64_t tile) {
    return {tile / (work.tiles_y * work.tiles_x), tile / work.tiles_x % work.tiles_y * TILE, tile % work.tiles_x * TILE};
}

// How much more energy a tile may have than the numbers that one of its sums is of. The errors of tiles of 2 are smaller; what is
// multiplied as bfloat16 has the largest.
template <int TILE, typename Number>
constexpr float max_energy() {
    return sizeof(Number) == sizeof(float) ? (TILE == 2 ? 1024 : 128) : 36;
}

// Says of each tile which of its pixels are left out, and whether any are. `energies` has room for as many rows as a tile has.
template <int TILE, int STRIDE, typename Element>
bool leave_out(const WinogradTiles& work, int64_t first, int64_t last, float limit, float* energies) {
    constexpr int kSide = side<TILE, STRIDE>(), kStep = TILE * STRIDE, kShared = kSide - kStep;
    unsigned any = 0;
    int64_t count = 0;
    for (int64_t tile = first; tile < last; tile += count) {
        // Those in a row.
        const int64_t before = count, column = tile % work.tiles_x;
        count = min(last - tile, work.tiles_x - column);
        const Place at = place<TILE>(work, tile);
        const int64_t y = at.y * STRIDE - work.padding_y, x = at.x * STRIDE - work.padding_x;
        const int64_t columns = count * kStep + kShared;
        const auto* image = static_cast<const Element*>(work.x) + at.image * work.height * work.width * work.channels;
        // Rows that the tiles above have, too.
        const int64_t known = before == count && count == work.tiles_x && at.y > 0 ? kShared : 0;
        __builtin_memmove(energies, energies + kStep * columns, known * columns * sizeof(float));
        for (int64_t i = known; i < kSide; i++) {
            const bool is_there = y + i >= 0 && y + i < work.height;
            float* to = energies + i * columns;
            for (int64_t j = 0; j < columns; j++) {
                const bool inside = is_there && x + j >= 0 && x + j < work.width;
                to[j] = inside ? energy(image + ((y + i) * work.width + x + j) * work.channels, work.channels) : 0;
            }
        }
        for (int64_t i = 0; i < count; i++) {
            const int64_t bottom = min(TILE, work.out_height - at.y), right = min(TILE, work.out_width - at.x - i * TILE);
            const unsigned found =
                left_out_of_tile<TILE, STRIDE, kSide>(energies + i * kStep, columns, bottom, right, limit);
            work.left_out[tile + i] = static_cast<uint16_t>(found);
            any |= found;
        }
    }
    return any != 0;
}

// Tiles of the input, transformed: [element of a tile][tile][channel].
template <int TILE, int STRIDE, typename Element, typename Number>
void transform_input(const WinogradTiles& work, int64_t first, int64_t last, Number* transformed) {
    constexpr int kSide = side<TILE, STRIDE>();
    const int64_t channels = work.channels, count = last - first;
    for (int64_t tile = first; tile < last; tile++) {
        Place at = place<TILE>(work, tile);
        const int64_t y = at.y * STRIDE - work.padding_y, x = at.x * STRIDE - work.padding_x;
        const int64_t top = max(0, -y), bottom = min(kSide, work.height - y);
        const int64_t left = max(0, -x), right = min(kSide, work.width - x);
        const bool whole = top == 0 && left == 0 && bottom == kSide && right == kSide;
        // Of a padded tile, only what is inside of the image is looked at.
        const auto* from = static_cast<const Element*>(work.x) + (at.image * work.height * work.width + y * work.width + x) * channels;
        Number* to = transformed + (tile - first) * channels;
        for (int64_t c = 0; c < channels; c += LANES) {
            Vector half[kSide * kSide];
            for (int j = 0; j < kSide; j++) {
                Vector column[kSide];
#pragma GCC unroll 9
                for (int i = 0; i < kSide; i++) {
                    const bool inside = whole || (i >= top && i < bottom && j >= left && j < right);
                    column[i] = inside ? load(from + (i * work.width + j) * channels + c) : Vector{};
                }
                Transform<TILE, STRIDE>::input(column, 1, half + j, kSide);
            }
            for (int i = 0; i < kSide; i++) {
                Vector row[kSide];
                Transform<TILE, STRIDE>::input(half + i * kSide, 1, row, 1);
#pragma GCC unroll 9
                for (int j = 0; j < kSide; j++) {
                    store(to + (i * kSide + j) * count * channels + c, row[j]);
                }
            }
        }
    }
}

// For each element of a tile a product of matrices: [tile][channel] times [channel][output]. Where weights are fewer than
// elements, the last of a row or a column are for all elements from there on.
template <int TILE, int STRIDE, typename Multiplied>
void multiply_all(const WinogradTiles& work, int64_t count, const typename Multiplied::Number* transformed, float* sums) {
    constexpr int kSide = side<TILE, STRIDE>(), kWeightSide = TILE + 2;
    const int64_t channels = work.channels, outputs = work.outputs;
    const int64_t steps = channels / Multiplied::kChannels;
    const float* panel = work.weights;
    for (int i = 0; i < kWeightSide; i++) {
        const int bottom = i + 1 < kWeightSide ? i + 1 : kSide;
        for (int j = 0; j < kWeightSide; j++) {
            const int right = j + 1 < kWeightSide ? j + 1 : kSide;
            const int64_t rows = count * (right - j);
            const int64_t groups = (rows + kMaxRows - 1) / kMaxRows;
            for (int64_t k = 0; k < outputs; k += kPanel, panel += kPanel * steps) {
                for (int y = i; y < bottom; y++) {
                    const auto* x = transformed + (y * kSide + j) * count * channels;
                    float* to = sums + (y * kSide + j) * count * outputs + k;
                    for (int64_t group = 0; group < groups; group++) {
                        // Of about the same size, for a group of few rows leaves the CPU waiting for its own sums.
                        const int64_t first = rows * group / groups, last = rows * (group + 1) / groups;
                        // Weights are too many for the caches; whoever waits for them waits longer than the arithmetic takes.
                        const float* next = panel + (kPanel + (group % 2) * kLineFloats) * steps;
                        Multiply<Multiplied>::kOf[last - first](x + first * channels, channels, panel, channels,
                                                                to + first * outputs, outputs, next);
                    }
                }
            }
        }
    }
}

template <int TILE, int STRIDE, typename Element>
void transform_output(const WinogradTiles& work, int64_t first, int64_t last, const float* sums) {
    constexpr int kSide = side<TILE, STRIDE>();
    const int64_t outputs = work.outputs, count = last - first;
    const auto* added = static_cast<const Element*>(work.added);
    auto* out = static_cast<Element*>(work.out);
    for (int64_t tile = first; tile < last; tile++) {
        Place at = place<TILE>(work, tile);
        const int64_t bottom = min(TILE, work.out_height - at.y), right = min(TILE, work.out_width - at.x);
        const int64_t corner = ((at.image * work.out_height + at.y) * work.out_width + at.x) * outputs;
        const float* from = sums + (tile - first) * outputs;
        const unsigned left_out = work.left_out[tile];
        for (int64_t k = 0; k < outputs; k += LANES) {
            Vector half[TILE * kSide], result[TILE * TILE];
            for (int j = 0; j < kSide; j++) {
                Vector column[kSide];
#pragma GCC unroll 9
                for (int i = 0; i < kSide; i++) {
                    column[i] = load(from + (i * kSide + j) * count * outputs + k);
                }
                Transform<TILE, STRIDE>::output(column, 1, half + j, kSide);
            }
            for (int i = 0; i < TILE; i++) {
                Transform<TILE, STRIDE>::output(half + i * kSide, 1, result + i * TILE, 1);
            }
            const Vector bias = work.bias != nullptr ? load(work.bias + k) : Vector{};
            for (int64_t i = 0; i < bottom; i++) {
                for (int64_t j = 0; j < right; j++) {
                    if (left_out >> (i * TILE + j) & 1) {
                        continue;
                    }
                    const int64_t to = corner + (i * work.out_width + j) * outputs + k;
                    Vector value = result[i * TILE + j] + bias;
                    if (added != nullptr) {
                        value += load(added + to);
                    }
                    if (work.relu) {
                        value = value < Vector{} ? Vector{} : value;  // a NaN stays one, as in LibTorch
                    }
                    store(out + to, value);
                }
            }
        }
    }
}

template <int TILE, int STRIDE, typename Element, typename Multiplied>
bool convolve(const WinogradTiles& work, int64_t first, int64_t last, float* scratch) {
    constexpr int64_t kElements = side<TILE, STRIDE>() * side<TILE, STRIDE>();
    float* sums = scratch + kElements * (last - first) * work.channels;
    auto* transformed = reinterpret_cast<typename Multiplied::Number*>(scratch);
    const float limit = max_energy<TILE, typename Multiplied::Number>();
    // Where the sums will be, there is room enough.
    const bool some_left_out = leave_out<TILE, STRIDE, Element>(work, first, last, limit, sums);
    transform_input<TILE, STRIDE, Element>(work, first, last, transformed);
    multiply_all<TILE, STRIDE, Multiplied>(work, last - first, transformed, sums);
    transform_output<TILE, STRIDE, Element>(work, first, last, sums);
    return some_left_out;
}

}  // namespace

}  // namespace cresset
