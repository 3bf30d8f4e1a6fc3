// Convolutions of few channels with a stride of 2, a tile of four rows of the output at a time.
#pragma once

#include "kernels/activation.h"
#include "kernels/kernels.h"
#include "kernels/winograd_outliers.h"
#include "kernels/stem_transform.h"
#include "kernels/vectors.h"

namespace cresset {

namespace {

// The rows of one parity, transformed: [element][parity][channel][column]. What is left and right of the image is not written.
template <int TAPS>
void transform_rows(const Stem& work, int64_t image, int64_t first_row, int64_t parity, float* transformed) {
    static constexpr auto kFilter = filter<TAPS>();
    constexpr int kRows = Filter<TAPS>::kElements;
    const int64_t of_a_parity = work.channels * work.columns;
    for (int64_t channel = 0; channel < work.channels; channel++) {
        const int64_t plane = (image * work.channels + channel) * work.height;
        for (int64_t x = 0; x < work.width; x += LANES) {
            const int64_t many = work.width - x;
            Vector rows[kRows];
#pragma GCC unroll 7
            for (int i = 0; i < kRows; i++) {
                const int64_t y = first_row + 2 * i + parity;
                rows[i] = y >= 0 && y < work.height ? load(work.x + (plane + y) * work.width + x, many) : Vector{};
            }
            float* to = transformed + parity * of_a_parity + channel * work.columns + work.padding_x + x;
#pragma GCC unroll 7
            for (int element = 0; element < kRows; element++) {
                Vector sum{};
#pragma GCC unroll 7
                for (int i = 0; i < kRows; i++) {
                    const float factor = kFilter.of_numbers[element][i];
                    if (factor != 0) {
                        sum += factor * rows[i];
                    }
                }
                store(to + place_of(element, TAPS, work.kernel) * 2 * of_a_parity, sum, many);
            }
        }
    }
}

// How much more energy the numbers of four rows may have than those of one.
constexpr float kMaxEnergyRatio = 256;

// Says of each column of the output in which of four rows its pixel is left out, and whether any are. `energies` are five rows of
// the image's columns, zero where its padding is and for two vectors more.
template <int TAPS>
bool leave_out(const Stem& work, int64_t image, int64_t first_row, int64_t bottom, float* energies, uint8_t* to) {
    constexpr int kKernel = 2 * TAPS - 1, kRows = kKernel + 2 * (Stem::kTileRows - 1);
    const int64_t step = work.columns + 2 * LANES;
    for (int64_t x = 0; x < work.width; x += LANES) {
        Vector rows[kRows] = {};
        for (int64_t channel = 0; channel < work.channels; channel++) {
            const float* plane = work.x + (image * work.channels + channel) * work.height * work.width + x;
#pragma GCC unroll 13
            for (int i = 0; i < kRows; i++) {
                const int64_t y = first_row + i;
                if (y >= 0 && y < work.height) {
                    const Vector values = load(plane + y * work.width, work.width - x);
                    rows[i] += values * values;
                }
            }
        }
        Vector sums[Stem::kTileRows + 1] = {};
#pragma GCC unroll 13
        for (int i = 0; i < kRows; i++) {
            sums[Stem::kTileRows] += rows[i];
#pragma GCC unroll 4
            for (int row = 0; row < Stem::kTileRows; row++) {
                if (i >= 2 * row && i < 2 * row + kKernel) {
                    sums[row] += rows[i];
                }
            }
        }
        for (int row = 0; row <= Stem::kTileRows; row++) {
            store(energies + row * step + work.padding_x + x, sums[row], work.width - x);
        }
    }
    // Then those of neighbouring columns; every other is not asked for.
    Indexes suspect{};
    for (int64_t x = 0; x < work.columns; x += LANES) {
        Vector sums[Stem::kTileRows + 1];
        for (int row = 0; row <= Stem::kTileRows; row++) {
            Vector sum = load(energies + row * step + x);
#pragma GCC unroll 7
            for (int i = 1; i < kKernel; i++) {
                sum += load(energies + row * step + x + i);
            }
            store(energies + row * step + x, sum);
            sums[row] = sum;
        }
        suspect |= ~(sums[Stem::kTileRows] <= kMaxEnergy);
        for (int row = 0; row < Stem::kTileRows; row++) {
            suspect |= ~(sums[row] * kMaxEnergyRatio >= sums[Stem::kTileRows]);
        }
    }
    bool is_suspect = false;
    for (int i = 0; i < LANES; i++) {
        is_suspect |= suspect[i] != 0;
    }
    unsigned any = 0;
    for (int64_t pixel = 0; pixel < work.out_width; pixel++) {
        unsigned found = 0;
        if (is_suspect) {
            const float* of_pixel = energies + 2 * pixel;
            const float near[] = {of_pixel[0], of_pixel[step], of_pixel[2 * step], of_pixel[3 * step]};
            found = left_out<Stem::kTileRows>(near, (1u << bottom) - 1, of_pixel[Stem::kTileRows * step], kMaxEnergyRatio);
        }
        to[pixel] = static_cast<uint8_t>(found);
        any |= found;
    }
    // What the sums were written over, between the padding, comes anew; the padding stays zero.
    for (int row = 0; row <= Stem::kTileRows; row++) {
        for (int64_t i = 0; i < work.padding_x; i++) {
            energies[row * step + i] = energies[row * step + work.padding_x + work.width + i] = 0;
        }
    }
    return any != 0;
}

// Neighbouring pixels of the output, times a panel of weights, of so many rows of numbers.
template <int COUNT>
void multiply_rows(const Stem& work, const float* row, int64_t rows, const float* panel, float* to) {
    Vector sums[COUNT][2];
    for (int r = 0; r < COUNT; r++) {
        sums[r][0] = sums[r][1] = Vector{};
    }
    for (int64_t i = 0; i < rows; i++, row += work.columns) {
        const float* value_of = row;
        for (int64_t tap = 0; tap < work.kernel; tap++, value_of++, panel += kPanel) {
            // Hidden from the compiler, which would rather keep the numbers that pixels share, and has no registers for them.
            __asm__("" : "+r"(value_of));
            const Vector left = load(panel), right = load(panel + LANES);
#pragma GCC unroll 12
            for (int r = 0; r < COUNT; r++) {
                const Vector value = value_of[2 * r] - Vector{};
                sums[r][0] += value * left;
                sums[r][1] += value * right;
            }
        }
    }
#pragma GCC unroll 12
    for (int r = 0; r < COUNT; r++) {
        store(to + r * kPanel, sums[r][0]);
        store(to + r * kPanel + LANES, sums[r][1]);
    }
}

using MultiplyRows = void (*)(const Stem&, const float*, int64_t, const float*, float*);
#define MULTIPLY_ROWS(count) multiply_rows<count>
constexpr MultiplyRows kMultiplyRows[] = {nullptr, COUNTS(MULTIPLY_ROWS)};

// Sums at the points of stem_transform.h, to four rows of the output.
template <int ELEMENTS>
inline void sums_of_points(const float* from, int64_t step, Vector* to) {
    const auto m = [&](int element) __attribute__((always_inline)) { return load(from + element * step); };
    const Vector sum = m(1) + m(2), difference = m(1) - m(2);
    const Vector sum_half = m(3) + m(4), difference_half = m(3) - m(4);
    to[0] = m(0) + sum + sum_half;
    to[1] = difference + .5f * difference_half;
    to[2] = sum + .25f * sum_half;
    to[3] = difference + .125f * difference_half + m(ELEMENTS - 1);
    if (ELEMENTS == 7) {
        const Vector at_2 = m(5);
        to[0] += at_2;
        to[1] -= 2 * at_2;
        to[2] += 4 * at_2;
        to[3] -= 8 * at_2;
    }
}

// Pixels `from` to before `to` of four rows that begin with `y`, of the outputs of one panel, which begin with `k`.
struct Piece {
    int64_t image, y, bottom, from, to, k;
};

inline int64_t start_of(const Stem& work, const Piece& piece, int64_t row) {
    return ((piece.image * work.out_height + piece.y + row) * work.out_width + piece.from) * work.outputs + piece.k;
}

// The output is seldom in the cache, and to wait for it takes as long as the arithmetic. Inlined, for GCC leaves out calls of
// what only fetches.
__attribute__((always_inline)) inline void fetch_output(const Stem& work, const Piece& piece, int64_t row) {
    float* out = work.out + start_of(work, piece, row);
    for (int64_t pixel = piece.from; pixel < piece.to; pixel++, out += work.outputs) {
        for (int64_t i = 0; i < kPanel; i += kLineFloats) {
            __builtin_prefetch(out + i, /* rw= */ 1);
        }
    }
}

template <int ELEMENTS>
void write_output(const Stem& work, const Piece& piece, const uint8_t* left_out, const float* sums) {
    const int64_t below = work.out_width * work.outputs, start = start_of(work, piece, 0);
    for (int64_t i = 0; i < 2 * (piece.to - piece.from); i++) {
        const int64_t lane = i % 2 * LANES, at = start + i / 2 * work.outputs + lane;
        const Vector bias = load(work.bias + piece.k + lane);
        Vector result[Stem::kTileRows];
        sums_of_points<ELEMENTS>(sums + i * LANES, kMaxRows * kPanel, result);
        for (int64_t row = 0; row < Stem::kTileRows; row++) {
            result[row] += bias;
            if (work.added != nullptr && row < piece.bottom) {
                result[row] += load(work.added + at + row * below);
            }
        }
        activate<Stem::kTileRows>(result, work.activation);
        const unsigned not_here = left_out[piece.from + i / 2];
        for (int64_t row = 0; row < piece.bottom; row++) {
            if (not_here >> row & 1) {
                continue;
            }
            store(work.out + at + row * below, result[row]);
        }
    }
}

template <int TAPS>
bool convolve_rows(const Stem& work, int64_t first, int64_t last, float* transformed) {
    constexpr int kElements = Filter<TAPS>::kElements;
    const int64_t rows = 2 * work.channels;
    const int64_t groups = (work.out_width + kMaxRows - 1) / kMaxRows;
    alignas(64) float sums[kElements * kMaxRows * kPanel];
    // The padding stays so.
    float* energies = transformed + kElements * rows * work.columns;
    const int64_t all = kElements * rows * work.columns + (Stem::kTileRows + 1) * (work.columns + 2 * LANES);
    for (int64_t i = 0; i < all; i++) {
        transformed[i] = 0;
    }
    bool some_left_out = false;
    for (int64_t tile = first; tile < last; tile++) {
        const int64_t image = tile / work.row_tiles, y = tile % work.row_tiles * Stem::kTileRows;
        transform_rows<TAPS>(work, image, 2 * y - work.padding_y, /* parity= */ 0, transformed);
        transform_rows<TAPS - 1>(work, image, 2 * y - work.padding_y, /* parity= */ 1, transformed);
        const int64_t bottom = min(Stem::kTileRows, work.out_height - y);
        uint8_t* left_out = work.left_out + tile * work.out_width;
        some_left_out |= leave_out<TAPS>(work, image, 2 * y - work.padding_y, bottom, energies, left_out);
        const float* panel = work.weights;
        for (int64_t k = 0; k < work.outputs; k += kPanel, panel += kElements * rows * work.kernel * kPanel) {
            for (int64_t group = 0; group < groups; group++) {
                const Piece piece{image, y, bottom, work.out_width * group / groups, work.out_width * (group + 1) / groups, k};
                for (int element = 0; element < kElements; element++) {
                    if (element < bottom) {
                        fetch_output(work, piece, element);
                    }
                    const bool is_of_even_rows_only = element == TAPS + 1;
                    kMultiplyRows[piece.to - piece.from](work, transformed + element * rows * work.columns + 2 * piece.from,
                                                         is_of_even_rows_only ? work.channels : rows,
                                                         panel + element * rows * work.kernel * kPanel,
                                                         sums + element * kMaxRows * kPanel);
                }
                write_output<kElements>(work, piece, left_out, sums);
            }
        }
    }
    return some_left_out;
}

bool stem(const Stem& work, int64_t first, int64_t last, float* scratch) {
    return (work.kernel == 7 ? convolve_rows<4> : convolve_rows<3>)(work, first, last, scratch);
}

}  // namespace

}  // namespace cresset
