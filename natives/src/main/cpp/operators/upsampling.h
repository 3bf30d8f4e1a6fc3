// Images made larger or smaller: each pixel its nearest one, or a mean of four by their distance (bilinear), by the rules of LibTorch,
// https://github.com/pytorch/pytorch/blob/v2.13.0/aten/src/ATen/native/UpSample.h. Images are float32 and have their channels last;
// others are LibTorch's.
#pragma once

namespace cresset {

// Makes the operators known. Called once.
void register_upsampling();

}  // namespace cresset
