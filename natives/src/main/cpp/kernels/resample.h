// Rows of pixels as weighted sums of another row's.
#pragma once

#include "kernels/kernels.h"

namespace cresset {

namespace {

#if defined(__x86_64__)

inline __m256i twice(const void* from) {
    return _mm256_broadcastsi128_si256(_mm_loadu_si128(static_cast<const __m128i*>(from)));
}

// A weight of 22 fractional bits is cut in two that fit into 16 bits, so that two pixels are multiplied and added at once; the sums of
// the upper parts are shifted and added to those of the lower. Nothing is rounded on the way.
void resample(const Resampling& work) {
    constexpr int kTaps = Resampling::kTaps, kTogether = Resampling::kTogether;
    // Three bytes a pixel to pairs of 16 bits: red, green and blue of the first two pixels, then of the other two.
    const __m256i pairs = _mm256_setr_epi8(0, -1, 3, -1, 1, -1, 4, -1, 2, -1, 5, -1, -1, -1, -1, -1,  //
                                           6, -1, 9, -1, 7, -1, 10, -1, 8, -1, 11, -1, -1, -1, -1, -1);
    // The weights of the first two pixels for each colour, then those of the other two.
    const __m256i upper = _mm256_setr_epi32(0, 0, 0, 0, 1, 1, 1, 1), lower = _mm256_setr_epi32(2, 2, 2, 2, 3, 3, 3, 3);
    const __m128i half = _mm_set1_epi32(1 << (Resampling::kPrecision - 1)), white = _mm_set1_epi32(255);
    const int16_t* weights = work.weights;
    for (int64_t x = 0; x < work.positions; x += kTogether) {
        __m128i sums[kTogether];
        for (int i = 0; i < kTogether; i++) {
            const uint8_t* rgb = work.rgb + work.starts[x + i];
            __m256i high = _mm256_setzero_si256(), low = high;
            for (int64_t group = 0; group < work.groups; group++, rgb += 3 * kTaps, weights += 2 * kTaps) {
                const __m256i pixels = _mm256_shuffle_epi8(twice(rgb), pairs), both = twice(weights);
                high = _mm256_add_epi32(high, _mm256_madd_epi16(pixels, _mm256_permutevar8x32_epi32(both, upper)));
                low = _mm256_add_epi32(low, _mm256_madd_epi16(pixels, _mm256_permutevar8x32_epi32(both, lower)));
            }
            const __m256i sum = _mm256_add_epi32(_mm256_slli_epi32(high, Resampling::kLowBits), low);
            sums[i] = _mm_add_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
        }
        // From a vector for each position to one for each colour.
        const __m128i first = _mm_unpacklo_epi32(sums[0], sums[1]), second = _mm_unpacklo_epi32(sums[2], sums[3]);
        const __m128i colours[] = {
            _mm_unpacklo_epi64(first, second), _mm_unpackhi_epi64(first, second),
            _mm_unpacklo_epi64(_mm_unpackhi_epi32(sums[0], sums[1]), _mm_unpackhi_epi32(sums[2], sums[3]))};
        for (int c = 0; c < 3; c++) {
            const __m128i rounded = _mm_srai_epi32(_mm_add_epi32(colours[c], half), Resampling::kPrecision);
            const __m128i clipped = _mm_max_epi32(_mm_min_epi32(rounded, white), _mm_setzero_si128());
            _mm_storeu_si128(reinterpret_cast<__m128i*>(work.out + c * work.positions + x), clipped);
        }
    }
}

#else

// Each weight put together again, and a pixel's three colours multiplied by it at once.
void resample(const Resampling& work) {
    typedef int32_t Colours __attribute__((vector_size(16)));
    constexpr int kTaps = Resampling::kTaps;
    const int16_t* weights = work.weights;
    for (int64_t x = 0; x < work.positions; x++) {
        const uint8_t* rgb = work.rgb + work.starts[x];
        Colours sum = Colours{} + (1 << (Resampling::kPrecision - 1));
        for (int64_t group = 0; group < work.groups; group++, weights += 2 * kTaps) {
            for (int tap = 0; tap < kTaps; tap++, rgb += 3) {
                sum += Colours{rgb[0], rgb[1], rgb[2], 0} * (weights[tap] * (1 << Resampling::kLowBits) + weights[kTaps + tap]);
            }
        }
        sum >>= Resampling::kPrecision;
        for (int c = 0; c < 3; c++) {
            work.out[c * work.positions + x] = sum[c] < 0 ? 0 : sum[c] > 255 ? 255 : sum[c];
        }
    }
}

#endif

}  // namespace

}  // namespace cresset
