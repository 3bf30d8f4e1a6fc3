#if defined(__aarch64__)

#include "kernels/kernels.h"

#pragma GCC optimize("O3", "fp-contract=fast")

#include "kernels/vectors_neon.h"

#include "kernels/table.h"

namespace cresset {

const Kernels& neon() { return kKernels; }

}  // namespace cresset

#endif
