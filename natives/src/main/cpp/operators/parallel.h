// How work is cut for vectors and for LibTorch's threads.
#pragma once

#include <ATen/Parallel.h>

#include <cstdint>

namespace cresset {

// Of things that take so many multiplications or comparisons each, how many are worth a thread's waking.
inline int64_t grain_size(int64_t work_of_each) { return 64 * 1024 / (work_of_each > 0 ? work_of_each : 1) + 1; }

// The next multiple.
inline int64_t round_up(int64_t count, int64_t to) { return (count + to - 1) / to * to; }

}  // namespace cresset
