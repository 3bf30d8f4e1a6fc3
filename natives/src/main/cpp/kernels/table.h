// All kernels, for any width of the CPU's vectors: included once for each, inside a namespace, with LANES, COUNTS and the macros
// of masks defined and that instruction set switched on. Nothing of the standard library is used in here: an inline function of it
// that was compiled for one CPU must not be the one that another part of the program is linked to.

#include "kernels/vectors.h"

#include "kernels/activation.h"
#include "kernels/depthwise.h"
#include "kernels/outliers.h"
#include "kernels/images.h"
#include "kernels/pointwise.h"
#include "kernels/resample.h"
#include "kernels/stem.h"
#include "kernels/winograd.h"

#include "kernels/definition.h"
#include "kernels/pooling.h"

constexpr Kernels kKernels = {LANES,
                              kPanel,
                              convolve<2, 1, float, Singles>,
                              convolve<4, 1, float, Singles>,
                              convolve<2, 2, float, Singles>,
                              convolve<4, 2, float, Singles>,
                              convolve<2, 1, BFloat16, Singles>,
                              convolve<4, 1, BFloat16, Singles>,
                              /* bfloat16_strided_tiles_of_2= */ nullptr,
                              /* has_pairs= */ false,
                              pointwise,
                              depthwise,
                              stem,
                              define<float>,
                              define<BFloat16>,
                              mean,
                              scale,
                              max_pool<float>,
                              max_pool<BFloat16>,
                              interleave,
                              resample};
