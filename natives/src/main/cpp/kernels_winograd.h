// Winograd's algorithm for some of the tiles of a convolution.

// The upper half of a float32.
struct BFloat16 {
    uint16_t bits;
};
typedef uint16_t Halves __attribute__((vector_size(2 * LANES), aligned(2)));
typedef uint32_t Words __attribute__((vector_size(4 * LANES)));

inline Vector load(const BFloat16* from) {
    return reinterpret_cast<Vector>(__builtin_convertvector(*reinterpret_cast<const Halves*>(from), Words) << 16);
}

// Rounded to the nearest, halves to the even one.
inline void store(BFloat16* to, Vector value) {
    const Words words = reinterpret_cast<Words>(value);
    const Words rounded = (words + 0x7fff + ((words >> 16) & 1)) >> 16;
    const Words not_a_number = Words{} + 0x7fc0;
    *reinterpret_cast<Halves*>(to) = __builtin_convertvector(value == value ? rounded : not_a_number, Halves);
}

// The transforms of Lavin and Gray for tiles of 2 and 4, of vectors that lie `step` apart.
template <int TILE>
struct Transform;

template <>
struct Transform<2> {
    static inline void input(const Vector* d, int step, Vector* to) {
        Vector d0 = d[0], d1 = d[step], d2 = d[2 * step], d3 = d[3 * step];
        to[0] = d0 - d2;
        to[step] = d1 + d2;
        to[2 * step] = d2 - d1;
        to[3 * step] = d1 - d3;
    }

    static inline void output(const Vector* m, int step, Vector* to, int to_step) {
        to[0] = m[0] + m[step] + m[2 * step];
        to[to_step] = m[step] - m[2 * step] - m[3 * step];
    }
};

template <>
struct Transform<4> {
    static inline void input(const Vector* d, int step, Vector* to) {
        Vector d0 = d[0], d1 = d[step], d2 = d[2 * step], d3 = d[3 * step], d4 = d[4 * step], d5 = d[5 * step];
        Vector even = d4 - 4 * d2, odd = d3 - 4 * d1;
        Vector even2 = d4 - d2, odd2 = 2 * (d3 - d1);
        to[0] = 4 * d0 - 5 * d2 + d4;
        to[step] = even + odd;
        to[2 * step] = even - odd;
        to[3 * step] = even2 + odd2;
        to[4 * step] = even2 - odd2;
        to[5 * step] = 4 * d1 - 5 * d3 + d5;
    }

    static inline void output(const Vector* m, int step, Vector* to, int to_step) {
        Vector sum = m[step] + m[2 * step], difference = m[step] - m[2 * step];
        Vector sum2 = m[3 * step] + m[4 * step], difference2 = m[3 * step] - m[4 * step];
        to[0] = m[0] + sum + sum2;
        to[to_step] = difference + 2 * difference2;
        to[2 * to_step] = sum + 4 * sum2;
        to[3 * to_step] = difference + 8 * difference2 + m[5 * step];
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
    for (int64_t c = 0; c < channels; c += kStep, panel += kPanel, next += kLine) {
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

struct Place {
    int64_t image, y, x;
};

template <int TILE>
inline Place place(const Tiles& work, int64_t tile) {
    return {tile / (work.tiles_y * work.tiles_x), tile / work.tiles_x % work.tiles_y * TILE, tile % work.tiles_x * TILE};
}

// Tiles of the input, transformed: [element of a tile][tile][channel].
template <int TILE, typename Element, typename Number>
void transform_input(const Tiles& work, int64_t first, int64_t last, Number* transformed) {
    constexpr int kSide = TILE + 2;
    const int64_t channels = work.channels, count = last - first;
    for (int64_t tile = first; tile < last; tile++) {
        Place at = place<TILE>(work, tile);
        const int64_t y = at.y - work.padding_y, x = at.x - work.padding_x;
        const int64_t top = most(0, -y), bottom = least(kSide, work.height - y);
        const int64_t left = most(0, -x), right = least(kSide, work.width - x);
        const bool whole = top == 0 && left == 0 && bottom == kSide && right == kSide;
        // Of a padded tile, only what is inside of the image is looked at.
        const auto* from = static_cast<const Element*>(work.x) + (at.image * work.height * work.width + y * work.width + x) * channels;
        Number* to = transformed + (tile - first) * channels;
        for (int64_t c = 0; c < channels; c += LANES) {
            Vector values[kSide * kSide], half[kSide * kSide];
            for (int i = 0; i < kSide; i++) {
                for (int j = 0; j < kSide; j++) {
                    const bool inside = whole || (i >= top && i < bottom && j >= left && j < right);
                    values[i * kSide + j] = inside ? load(from + (i * work.width + j) * channels + c) : Vector{};
                }
            }
            for (int j = 0; j < kSide; j++) {
                Transform<TILE>::input(values + j, kSide, half + j);
            }
            for (int i = 0; i < kSide; i++) {
                Transform<TILE>::input(half + i * kSide, 1, values + i * kSide);
            }
            for (int i = 0; i < kSide * kSide; i++) {
                store(to + i * count * channels + c, values[i]);
            }
        }
    }
}

// For each element of a tile a product of matrices: [tile][channel] times [channel][output].
template <int TILE, typename Multiplied>
void multiply_all(const Tiles& work, int64_t count, const typename Multiplied::Number* transformed, float* sums) {
    constexpr int kSide = TILE + 2;
    const int64_t channels = work.channels, outputs = work.outputs;
    const int64_t steps = channels / Multiplied::kChannels;
    const int64_t groups = (count + kMostRows - 1) / kMostRows;
    for (int element = 0; element < kSide * kSide; element++) {
        const float* panel = work.weights + element * outputs * steps;
        for (int64_t k = 0; k < outputs; k += kPanel, panel += kPanel * steps) {
            for (int64_t group = 0; group < groups; group++) {
                // Of about the same size, for a group of few rows leaves the CPU waiting for its own sums.
                const int64_t from = count * group / groups, to = count * (group + 1) / groups;
                // Weights are too many for the caches; whoever waits for them waits longer than the arithmetic takes.
                const float* next = panel + (kPanel + (group % 2) * kLine) * steps;
                Multiply<Multiplied>::kOf[to - from](transformed + (element * count + from) * channels, channels, panel, channels,
                                                     sums + (element * count + from) * outputs + k, outputs, next);
            }
        }
    }
}

template <int TILE, typename Element>
void transform_output(const Tiles& work, int64_t first, int64_t last, const float* sums) {
    constexpr int kSide = TILE + 2;
    const int64_t outputs = work.outputs, count = last - first;
    const auto* added = static_cast<const Element*>(work.added);
    auto* out = static_cast<Element*>(work.out);
    for (int64_t tile = first; tile < last; tile++) {
        Place at = place<TILE>(work, tile);
        const int64_t bottom = least(TILE, work.out_height - at.y), right = least(TILE, work.out_width - at.x);
        const int64_t corner = ((at.image * work.out_height + at.y) * work.out_width + at.x) * outputs;
        const float* from = sums + (tile - first) * outputs;
        for (int64_t k = 0; k < outputs; k += LANES) {
            Vector values[kSide * kSide], half[TILE * kSide], result[TILE * TILE];
            for (int i = 0; i < kSide * kSide; i++) {
                values[i] = load(from + i * count * outputs + k);
            }
            for (int j = 0; j < kSide; j++) {
                Transform<TILE>::output(values + j, kSide, half + j, kSide);
            }
            for (int i = 0; i < TILE; i++) {
                Transform<TILE>::output(half + i * kSide, 1, result + i * TILE, 1);
            }
            const Vector bias = work.bias != nullptr ? load(work.bias + k) : Vector{};
            for (int64_t i = 0; i < bottom; i++) {
                for (int64_t j = 0; j < right; j++) {
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

template <int TILE, typename Element, typename Multiplied>
void convolve(const Tiles& work, int64_t first, int64_t last, float* scratch) {
    constexpr int64_t kElements = (TILE + 2) * (TILE + 2);
    float* sums = scratch + kElements * (last - first) * work.channels;
    auto* transformed = reinterpret_cast<typename Multiplied::Number*>(scratch);
    transform_input<TILE, Element>(work, first, last, transformed);
    multiply_all<TILE, Multiplied>(work, last - first, transformed, sums);
    transform_output<TILE, Element>(work, first, last, sums);
}
