#include "kernels/kernels.h"

#include <ATen/Version.h>

#include <string>

namespace cresset {

const Kernels* kernels() {
#if defined(__x86_64__)
    static const Kernels* found = [] {
        const auto capability = at::get_cpu_capability();
        if (capability == "AVX512") {
            return __builtin_cpu_supports("avx512bf16") ? &avx512_bf16() : &avx512();
        }
        return capability == "AVX2" ? &avx2() : nullptr;
    }();
    return found;
#elif defined(__aarch64__)
    return &neon();
#else
    return nullptr;
#endif
}

}  // namespace cresset
