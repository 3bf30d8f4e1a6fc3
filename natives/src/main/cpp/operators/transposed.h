// Transposed convolutions, which make images larger. With a stride of s, each pixel of the output belongs to one of s x s phases, by
// where it lies between the pixels of the image; the pixels of one phase are an ordinary convolution of the image, by those weights
// that meet it. So nothing is multiplied with the zeros that the definition puts between pixels, and nothing is added up in memory.
// Images are float32 and have their channels last.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <tuple>
#include <vector>

namespace cresset::transposed {

// The words of LibTorch, for rows and columns.
struct Geometry {
    std::vector<int64_t> stride, padding, output_padding, dilation;
    int64_t groups;

    bool operator<(const Geometry& other) const {
        return std::tie(stride, padding, output_padding, dilation, groups) <
               std::tie(other.stride, other.padding, other.output_padding, other.dilation, other.groups);
    }
};

// Whether there is a kernel for it. Weights are [input channel][output channel of its group][row][column], as LibTorch has them.
bool supports(const at::Tensor& weight, const Geometry& geometry);

// Makes the operator known. Called once.
void register_transposed();

}  // namespace cresset::transposed
