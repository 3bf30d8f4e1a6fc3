#include "kernels/kernels.h"

#include <ATen/Version.h>

#include <string>

#if defined(__x86_64__) && defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

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

bool has_bfloat16() {
#if defined(__x86_64__)
    return __builtin_cpu_supports("avx512bf16");
#else
    return false;  // some have it; nobody has tried what is gained there
#endif
}

bool has_bfloat16_tiles() {
#if defined(__x86_64__) && defined(__linux__)
    // Linux saves the registers for who has asked for them. (asm/prctl.h; the headers of older systems do not name these.)
    constexpr int kRequestPermission = 0x1023, kTileData = 18;
    static const bool may = has_bfloat16() && at::get_cpu_capability() == "AVX512" && __builtin_cpu_supports("amx-bf16") &&
                            syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
    return may;
#else
    return false;
#endif
}

}  // namespace cresset
