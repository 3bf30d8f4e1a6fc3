#include "kernels.h"

#include <ATen/Version.h>

#include <string>

namespace cresset {

const Kernels* kernels() {
    static const Kernels* found = [] {
        const auto capability = at::get_cpu_capability();
        return capability == "AVX512" ? &avx512() : capability == "AVX2" ? &avx2() : nullptr;
    }();
    return found;
}

}  // namespace cresset
