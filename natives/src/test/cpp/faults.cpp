#include "faults.h"

#include <c10/util/Exception.h>

#include <array>
#include <mutex>

#include "memory.h"

namespace testdevice {

namespace {

constexpr int64_t kNever = -1;
constexpr int32_t kIllegalAddress = 700;  // as CUDA numbers it

std::array<std::atomic<int64_t>, kDevices> left{kNever, kNever};
std::array<std::atomic<bool>, kDevices> failed{};

std::mutex guard;
std::string said;
std::string next_failure;
std::string waiting_kernel;

}  // namespace

Counters& counters() {
    static Counters all;
    return all;
}

void fail_after(c10::DeviceIndex device, int64_t kernels) {
    left[device] = kernels;
    failed[device] = false;
}

void check(c10::DeviceIndex device) {
    if (failed[device]) {
        throw c10::AcceleratorError({__func__, __FILE__, __LINE__}, kIllegalAddress,
                                    "test device error: an illegal memory access was encountered");
    }
}

void fail_once(const std::string& saying) {
    std::lock_guard<std::mutex> turn(guard);
    next_failure = saying;
}

void waits_within(const std::string& kernel) {
    std::lock_guard<std::mutex> turn(guard);
    waiting_kernel = kernel;
}

bool waits(const std::string& kernel) {
    std::lock_guard<std::mutex> turn(guard);
    return kernel == waiting_kernel;
}

void count_kernel(c10::DeviceIndex device) {
    counters().kernels++;
    std::string saying;
    {
        std::lock_guard<std::mutex> turn(guard);
        saying.swap(next_failure);
    }
    TORCH_CHECK(saying.empty(), saying);
    if (left[device] >= 0 && left[device]-- == 0) {
        left[device] = kNever;
        failed[device] = true;
    }
    check(device);
}

void misuse(const std::string& what) {
    std::lock_guard<std::mutex> turn(guard);
    said += what + "\n";
}

std::string misuses() {
    std::lock_guard<std::mutex> turn(guard);
    return said;
}

}  // namespace testdevice
