// What is compiled for each instruction set that has it: the loops of convolutions, of what stands between them, and of recurrent layers.
// Images have their channels last; all sums are float32.
#pragma once

#include <cstdint>

namespace cresset {

// What follows a convolution or a linear layer, computed where the sums are written. kGeluTanh is GELU with tanh in the place of erf;
// kGelu is LibTorch's operator, for which infinity is not a number, kGeluErf what a graph spells out, for which it is infinity.
enum class Activation : int64_t { kNone, kRelu, kRelu6, kHardswish, kHardsigmoid, kSilu, kSigmoid, kGelu, kGeluTanh, kTanh, kGeluErf, kSelu, kElu, kLeakyRelu };

// An ELU's alpha and a leaky ReLU's slope are in the upper half of the word, for nodes of graphs have one word for an activation.
constexpr Activation with_number(Activation kind, float number) {
    return static_cast<Activation>(static_cast<uint64_t>(__builtin_bit_cast(uint32_t, number)) << 32 | static_cast<uint64_t>(kind));
}
constexpr Activation kind_of(Activation activation) { return static_cast<Activation>(static_cast<uint64_t>(activation) & UINT32_MAX); }
constexpr float number_of(Activation activation) {
    return __builtin_bit_cast(float, static_cast<uint32_t>(static_cast<uint64_t>(activation) >> 32));
}

// A convolution by Winograd's algorithm. Input, addend and output are of one type, which the kernel is for.
struct WinogradTiles {
    int64_t height, width, channels, outputs, padding_y, padding_x, out_height, out_width, tiles_y, tiles_x;
    const void* x;
    const float* weights;  // or pairs of bfloat16 in the place of each
    const float* bias;
    const void* added;
    void* out;
    bool relu;
    uint16_t* left_out;  // of each tile, a bit for each of its pixels that is not written, as operators/winograd_outliers.h says
};

// A convolution by its definition, whose pixels are asked for one by one. Input, addend and output are of one type, which the kernel is for.
struct ReferenceConvolution {
    int64_t height, width, channels, outputs, kernel, stride, padding_y, padding_x, out_height, out_width;
    int64_t image_step, row_step, column_step, channel_step;  // of x, in numbers
    const void* x;
    const float* weights;  // [row][column][channel][output], finite
    const float* bias;
    const void* added;     // or null
    void* out;
    Activation activation;
};

// A convolution of single pixels: a product of matrices, [pixel][channel] times [channel][output].
struct Pointwise {
    int64_t channels, outputs;
    const float* x;
    const float* weights;  // in panels of `panel` outputs; what is left over, in one of `lanes` if that is enough
    const float* bias;     // so many as there are outputs in all panels
    const float* added;    // or null
    float* out;
    Activation activation;
};

// A convolution by its windows, of an image that is padded already, or of a group of its channels. In numbers: the runs of a window begin
// `starts` behind its first number and are of one length; pixels of the output are `out_step` apart, their windows `step`, and so on.
struct Windows {
    int64_t out_height, out_width, outputs;
    int64_t image_step, row_step, step, out_image_step, out_row_step, out_step;
    int64_t runs, length;
    const int64_t* starts;
    const float* x;
    const float* weights;  // in panels, as of a convolution of single pixels
    const float* bias;
    const float* added;  // or null
    float* out;
    Activation activation;
};

// A convolution of each channel by itself.
struct Depthwise {
    int64_t height, width, channels, out_height, out_width;
    int64_t kernel_y, kernel_x, stride_y, stride_x, padding_y, padding_x, dilation_y, dilation_x;
    const float* x;
    const float* weights;  // [y][x][channel], channels filled up to a multiple of `lanes`
    const float* bias;     // filled up as well
    const float* added;    // or null
    float* out;
    Activation activation;
};

// Pixels, each channel times a number of its own and added to another; or copies of them, without a scale. Pixels of the output may
// lie further apart, with channels of others between.
struct ScaledChannels {
    int64_t channels, out_step;
    const float* x;
    const float* scale;  // or null
    const float* shift;
    float* out;
    Activation activation;
};

// A row of pixels between four others: `upper` and `lower` are rows of the input; `left` and `right` say which of their pixels.
struct Blend {
    int64_t channels, out_width;
    const float *upper, *lower;
    float lower_weight;
    const int64_t *left, *right;
    const float* right_weights;
    float* out;
};

// A row of pixels, three bytes each, whose every position is a weighted sum of neighbours in another row: what resizing an image does most.
struct Resampling {
    static constexpr int kPrecision = 22;  // fractional bits of a weight
    static constexpr int kLowBits = 11;    // of them, in the lower part; the upper one has the sign
    static constexpr int kTaps = 4;        // neighbours that are weighed at once
    static constexpr int kTogether = 4;    // positions that are

    int64_t positions;       // a multiple of kTogether
    int64_t groups;          // of kTaps neighbours, for every position: what is too many has no weight
    const uint8_t* rgb;      // 16 bytes from the last neighbours on can be read
    const int32_t* starts;   // where each position's neighbours begin, in bytes
    const int16_t* weights;  // [position][group]: the upper parts, then the lower parts of kTaps weights
    int32_t* out;            // 0 to 255: all reds, all greens, all blues
};

// The largest number of each window of an image, whose channels are as many as `lanes` or more. Input and output are of one type,
// which the kernel is for.
struct MaxPooling {
    int64_t height, width, channels, out_height, out_width;
    int64_t kernel_y, kernel_x, stride_y, stride_x, padding_y, padding_x;
    const void* x;
    void* out;
};

// A convolution of few channels by 5 x 5 or 7 x 7 weights with a stride of 2, a tile of some rows of the output at a time.
struct Stem {
    static constexpr int kTileRows = 4;

    int64_t height, width, channels, outputs, kernel, padding_y, padding_x, out_height, out_width;
    int64_t row_tiles;     // of an image, the last of them with fewer rows
    int64_t columns;       // of the image with its padding
    const float* x;        // [image][channel][row][column]
    const float* weights;  // as operators/stem.cpp packs them
    const float* bias;
    const float* added;    // or null
    float* out;
    Activation activation;
    uint8_t* left_out;  // [row tile][column of the output], a bit for each of the rows that is not written, as operators/winograd_outliers.h says
};

// Attention of one head. Steps are from one query, key, value, row of the mask or of the output to the next, in numbers.
struct Attention {
    int64_t queries, keys, width, value_width;
    int64_t query_step, key_step, value_step, mask_row_step, out_step;
    const float *q, *k, *v;
    const float* mask;  // what is added to each score; or null
    const bool* kept;   // whether a key counts for a query; or null
    float scale;
    bool is_causal;     // a query sees no key behind it
    bool is_safe;       // for a query that sees no key at all, the answer is nothing; else it is not a number
    float* out;

    // Of the scratch memory, for vectors and rows of any CPU.
    int64_t scratch_floats() const {
        constexpr int64_t kMaxPanel = 32, kMaxRows = 12;
        const int64_t padded_keys = keys + kMaxPanel;
        return padded_keys * width + keys * (value_width + kMaxPanel) + kMaxRows * padded_keys;
    }
};

// Rows, each divided by the root of the mean of its squares, with its mean taken away before or not.
struct Norm {
    int64_t width;
    bool centers;
    float eps;
    const float* x;
    const float *weight, *bias;  // of a row, or null
    float* out;
};

// A step of a recurrent layer in one direction. A group is as many numbers of a state as a vector has, the last one filled up; each of
// them has some gates (of LibTorch's, in its order).
struct RecurrentStep {
    int64_t hidden;        // numbers of a state
    const float* weights;  // [group][number of the state before][gate][lane]
    const float* bias;     // of a GRU's new gate, what is reset with its product: [hidden, filled up]
    const float* inputs;   // [row][group][gate][lane]: what each gate has from the input, biases and all
    int64_t input_stride;
    const float* before;   // [row][hidden]
    int64_t before_stride;
    float* cell;           // of an LSTM: [row][hidden], which is written over
    float* out;            // [row][hidden]
    int64_t out_stride;
};

// A matrix in memory: numbers of a row or of a column lie side by side, so that one of the steps is 1.
struct Matrix {
    const float* x;
    int64_t rows, columns, row_step, column_step;
};

// What a step of an element-wise chain makes of its operands. Comparisons make masks, numbers with all bits set or none.
enum class Elementwise : int32_t {
    kAdd, kSub, kMul, kDiv, kMulAdd, kMaximum, kMinimum, kNegative, kMagnitude, kExponential, kLogarithm, kRoot, kInverseRoot,
    kInverse, kErrorFunction, kActivation, kLess, kLessEqual, kGreater, kGreaterEqual, kEqual, kUnequal, kAnd, kOr, kNot, kWhere
};

// Operands and result are numbers of slots. The result may go where an operand is.
struct ElementwiseStep {
    Elementwise kind;
    int16_t out;
    int16_t operands[3];  // those that it has none of are 0
    Activation activation;
};

// A block of numbers; or one, which stands for all of them.
struct ElementwiseSlot {
    float* data;
    bool is_one_number;
};

struct Kernels {
    int64_t lanes;  // numbers of a vector
    int64_t panel;  // outputs whose weights lie together

    // Tiles from `first` to before `last`, counted image by image and row by row; `scratch` has room for all of them, transformed.
    // Whether some pixels were left out.
    using Winograd = bool (*)(const WinogradTiles&, int64_t first, int64_t last, float* scratch);
    Winograd tiles_of_2, tiles_of_4;                  // of float32
    Winograd strided_tiles_of_2, strided_tiles_of_4;  // of float32, with stride 2
    Winograd bfloat16_tiles_of_2, bfloat16_tiles_of_4;
    Winograd bfloat16_strided_tiles_of_2;  // of pairs, or null
    bool has_pairs;                        // those for bfloat16 and tiles of 2 multiply pairs of it, and take their weights so

    void (*pointwise)(const Pointwise&, int64_t first_pixel, int64_t last_pixel);
    void (*depthwise)(const Depthwise&, int64_t first_row, int64_t last_row);  // of the output, counted image by image

    // Row tiles, counted image by image; `scratch` has room for one, transformed, and for five rows of its
    // columns. Whether some pixels were left out.
    bool (*stem)(const Stem&, int64_t first, int64_t last, float* scratch);

    using ReferencePixel = void (*)(const ReferenceConvolution&, int64_t image, int64_t y, int64_t x);  // of the output
    ReferencePixel reference_pixel, bfloat16_reference_pixel;

    // The mean of each channel over an image's pixels, and an image whose channels are multiplied by a number each.
    void (*mean)(const float* x, int64_t pixels, int64_t channels, float* means);
    void (*scale)(const float* x, int64_t pixels, int64_t channels, const float* by, float* out);

    using MaxPool = void (*)(const MaxPooling&, int64_t first_row, int64_t last_row);  // of the output, counted image by image
    MaxPool max_pool, bfloat16_max_pool;

    // An image of three channels, each a plane of its own, with its channels last.
    void (*interleave)(const float* planes, int64_t pixels, float* out);

    void (*resample)(const Resampling&);

    void (*activate)(const float* x, int64_t size, Activation activation, float* out);
    void (*activate_bfloat16)(const void* x, int64_t size, Activation activation, void* out);

    void (*normalize)(const Norm&, int64_t first_row, int64_t last_row);

    // Keys and values are laid out in the scratch memory first; then so many queries can be answered.
    void (*pack_attention)(const Attention&, float* scratch);
    void (*attend)(const Attention&, int64_t first_query, int64_t last_query, float* scratch);

    using Recurrence = void (*)(const RecurrentStep&, int64_t first_row, int64_t last_row);
    Recurrence lstm, gru, rnn_tanh, rnn_relu;

    // Parts of rows of the output, counted image by image: as many of a row as it takes, each of no more pixels than `rows`.
    void (*windows)(const Windows&, int64_t first, int64_t last);
    int64_t rows;

    void (*scale_and_shift)(const ScaledChannels&, int64_t first_pixel, int64_t last_pixel);

    // The mean of each channel over an image's pixels, and that of the squares of how far they are from it.
    void (*moments)(const float* x, int64_t pixels, int64_t channels, float* means, float* variances);

    void (*blend)(const Blend&);

    // So many steps, one behind the other, of slots with blocks of one size.
    void (*elementwise)(const ElementwiseStep* steps, int64_t count, const ElementwiseSlot* slots, int64_t size);

    // As weights of a convolution of single pixels, whose channels are the rows.
    void (*pack_matrix)(const Matrix&, float* out);

    void (*softmax)(const float* x, int64_t width, float* out, int64_t first_row, int64_t last_row);
};

// Those of the instruction set that LibTorch itself uses, so that one setting (ATEN_CPU_CAPABILITY) holds for both; or null. On 64-bit
// ARM always NEON's.
const Kernels* kernels();

// Whether this CPU computes with bfloat16 rather than imitating it.
bool has_bfloat16();

// Whether it multiplies tiles of matrices of bfloat16 (AMX), and this process may: oneDNN then does, ten times as fast as vectors can.
bool has_bfloat16_tiles();

const Kernels& avx2();
const Kernels& avx512();
const Kernels& avx512_bf16();
const Kernels& neon();

}  // namespace cresset
