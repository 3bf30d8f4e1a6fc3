// The kernels of winograd.h for the instruction sets that have some.
#pragma once

#include <cstdint>

namespace cresset::winograd {

// A convolution, as its kernels see it. Input, addend and output have their channels last and are of one type, which the kernel is
// for; weights, bias and all sums are float32.
struct Work {
    int64_t height, width, channels, outputs, padding_y, padding_x, out_height, out_width, tiles_y, tiles_x;
    const void* x;
    const float* weights;
    const float* bias;
    const void* added;
    void* out;
    bool relu;
};

// Computes tiles from `first` to before `last`, counted image by image and row by row; `scratch` has room for all of them,
// transformed.
using Convolve = void (*)(const Work& work, int64_t first, int64_t last, float* scratch);

struct Kernels {
    int64_t lanes;  // channels come in multiples of it
    int64_t panel;  // outputs come in multiples of it; so many columns of transformed weights lie together
    Convolve tiles_of_2, tiles_of_4;                      // of float32
    Convolve bfloat16_tiles_of_2, bfloat16_tiles_of_4;
};

const Kernels& avx2();
const Kernels& avx512();

}  // namespace cresset::winograd
