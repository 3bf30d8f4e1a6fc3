// What a test wants to go wrong, what the device has done, and what was done to it that a GPU would not have said.
#pragma once

#include <c10/core/Device.h>

#include <atomic>
#include <cstdint>
#include <string>

namespace testdevice {

struct Counters {
    std::atomic<int64_t> kernels{0};
    std::atomic<int64_t> waiting_copies{0};   // the caller waited for them
    std::atomic<int64_t> deferred_copies{0};  // they were put off
};

Counters& counters();

// The device fails at its so-manyeth kernel from now, and goes on failing; never if negative.
void fail_after(c10::DeviceIndex device, int64_t kernels);

// Throws if the device has failed, as every call of CUDA's does then.
void check(c10::DeviceIndex device);
void count_kernel(c10::DeviceIndex device);

// Something that CUDA would let pass, with wrong numbers now and then.
void misuse(const std::string& what);
std::string misuses();

}  // namespace testdevice
