#include "kernels/kernels.h"

#include <ATen/Version.h>

#include <string>

namespace cresset {

const Kernels* kernels() {
    static const Kernels* found = [] {
        const auto capability = at::get_cpu_capability();
        if (capability == "AVX512") {
            return __builtin_cpu_supports("avx512bf16") ? &avx512_bf16() : &avx512();
        }
        return capability == "AVX2" ? &avx2() : nullptr;
    }();
    return found;
}

}  // namespace cresset
