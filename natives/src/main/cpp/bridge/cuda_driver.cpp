#include "bridge/cuda_driver.h"

#include <dlfcn.h>

namespace cresset {

const CudaDriver& CudaDriver::instance() {
    static const auto& driver = *new CudaDriver;
    return driver;
}

CudaDriver::CudaDriver() : library_(dlopen("libcuda.so.1", RTLD_LAZY)) {}

void* CudaDriver::function_at(const char* name) const { return library_ == nullptr ? nullptr : dlsym(library_, name); }

std::string CudaDriver::why_none() const {
    const auto init = function<int(unsigned)>("cuInit");
    const auto text_of = function<int(int, const char**)>("cuGetErrorString");
    const int failed = init == nullptr ? 0 : init(0);
    if (failed == 0) {
        return "";
    }
    const char* text = nullptr;
    if (text_of != nullptr) {
        text_of(failed, &text);
    }
    return text == nullptr ? "error " + std::to_string(failed) : text;
}

std::optional<std::pair<size_t, size_t>> CudaDriver::memory_of(int index) const {
    const auto get = function<int(int*, int)>("cuDeviceGet");
    const auto retain = function<int(void**, int)>("cuDevicePrimaryCtxRetain");
    const auto release = function<int(int)>("cuDevicePrimaryCtxRelease_v2");
    const auto push = function<int(void*)>("cuCtxPushCurrent_v2");
    const auto pop = function<int(void**)>("cuCtxPopCurrent_v2");
    const auto ask = function<int(size_t*, size_t*)>("cuMemGetInfo_v2");
    int device = 0;
    void* context = nullptr;
    if (!get || !retain || !release || !push || !pop || !ask || get(&device, index) != 0 || retain(&context, device) != 0) {
        return std::nullopt;
    }
    size_t free = 0;
    size_t total = 0;
    bool asked = false;
    if (push(context) == 0) {
        asked = ask(&free, &total) == 0;
        pop(&context);
    }
    release(device);
    return asked ? std::optional(std::make_pair(free, total)) : std::nullopt;
}

std::string CudaDriver::name_of(int index) const {
    const auto get = function<int(int*, int)>("cuDeviceGet");
    const auto get_name = function<int(char*, int, int)>("cuDeviceGetName");
    char name[256] = "";
    int device = 0;
    if (get == nullptr || get_name == nullptr || get(&device, index) != 0 || get_name(name, sizeof(name), device) != 0) {
        return "";
    }
    return name;
}

}  // namespace cresset
