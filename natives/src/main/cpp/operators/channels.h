// Images, and rows of pixels, of float32 with their channels last: all channels of some of them behind one another, in one pass.
#pragma once

#include <ATen/core/Tensor.h>
#include <ATen/core/stack.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernels/kernels.h"

namespace cresset::channels {

// Rows are images one pixel high.
inline at::Tensor as_image(const at::Tensor& x) { return x.dim() == 3 ? x.unsqueeze(2) : x; }

std::vector<at::Tensor> as_images(const std::vector<at::Tensor>& all);

// Whether the kernels take the image.
bool is_supported(const at::Tensor& image);

// Whether they take all of them, and they are of one size, but for their channels.
bool lie_alike(const std::vector<at::Tensor>& images);

// How many channels they have together.
int64_t count(const std::vector<at::Tensor>& images);

// An image of this one's size, with so many channels, not filled.
at::Tensor empty_image(const at::Tensor& like, int64_t channels);

// activation(scale * x + shift) of all channels of all images; scale and shift are null where numbers stay as they are.
at::Tensor joined(const std::vector<at::Tensor>& images, int64_t channels, const float* scale, const float* shift, Activation activation);

// So many tensors from the stack.
std::vector<at::Tensor> popped(torch::jit::Stack& stack, size_t count);

// Makes the operator known that puts channels behind one another. Called once.
void register_concatenation();

}  // namespace cresset::channels
