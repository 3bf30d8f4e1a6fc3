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
    std::atomic<int64_t> replays{0};          // of graphs
};

Counters& counters();

// The device fails at its so-manyeth kernel from now, and goes on failing; never if negative.
void fail_after(c10::DeviceIndex device, int64_t kernels);

// The device's next kernel fails so, and only that: as a library of NVIDIA's does.
void fail_once(const std::string& saying);

// The device's kernels of this name wait for it while they run, without a word of it: as some of others' do.
void waits_within(const std::string& kernel);
bool waits(const std::string& kernel);

// Throws if the device has failed, as every call of CUDA's does then.
void check(c10::DeviceIndex device);
void count_kernel(c10::DeviceIndex device);

// Something that CUDA would let pass, with wrong numbers now and then.
void misuse(const std::string& what);
std::string misuses();

}  // namespace testdevice
