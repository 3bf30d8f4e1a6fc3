// All kernels, as one instruction set has them.
#pragma once

#include "kernels/attention.h"
#include "kernels/bfloat16.h"
#include "kernels/depthwise.h"
#include "kernels/elementwise.h"
#include "kernels/images.h"
#include "kernels/kernels.h"
#include "kernels/normalization.h"
#include "kernels/pointwise.h"
#include "kernels/pooling.h"
#include "kernels/product.h"
#include "kernels/recurrent.h"
#include "kernels/reduced_activation.h"
#include "kernels/reference.h"
#include "kernels/resample.h"
#include "kernels/layer_norm.h"
#include "kernels/stem.h"
#include "kernels/upsampling.h"
#include "kernels/vectors.h"
#include "kernels/implicit_gemm.h"
#include "kernels/winograd.h"

namespace cresset {

namespace {

constexpr Kernels kKernels = {
    .lanes = LANES,
    .panel = kPanel,
    .tiles_of_2 = convolve<2, 1, float, Singles>,
    .tiles_of_4 = convolve<4, 1, float, Singles>,
    .strided_tiles_of_2 = convolve<2, 2, float, Singles>,
    .strided_tiles_of_4 = convolve<4, 2, float, Singles>,
    .bfloat16_tiles_of_2 = convolve<2, 1, BFloat16, Singles>,
    .bfloat16_tiles_of_4 = convolve<4, 1, BFloat16, Singles>,
    .bfloat16_strided_tiles_of_2 = nullptr,
    .has_pairs = false,
    .pointwise = pointwise,
    .depthwise = depthwise,
    .stem = stem,
    .reference_pixel = reference_pixel<float>,
    .bfloat16_reference_pixel = reference_pixel<BFloat16>,
    .mean = mean,
    .scale = scale,
    .max_pool = max_pool<float>,
    .bfloat16_max_pool = max_pool<BFloat16>,
    .interleave = interleave,
    .resample = resample,
    .activate = activate,
    .activate_bfloat16 = activate_bfloat16,
    .normalize = normalize,
    .pack_attention = pack_attention,
    .attend = attend,
    .lstm = recurrent_step<Lstm>,
    .gru = recurrent_step<Gru>,
    .rnn_tanh = recurrent_step<Plain<Activation::kTanh>>,
    .rnn_relu = recurrent_step<Plain<Activation::kRelu>>,
    .windows = windows,
    .rows = kMaxRows,
    .scale_and_shift = scale_and_shift,
    .moments = moments,
    .blend = blend,
    .elementwise = elementwise,
    .pack_matrix = pack_matrix,
    .softmax = softmax,
};

}  // namespace

}  // namespace cresset
