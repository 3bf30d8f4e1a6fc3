// The devices beside the CPU, through what LibTorch has for all of them: nothing of CUDA's is included or linked, and one library does
// with and without it.
//
// Whether a device is there is asked before anything is done with it (why_not): LibTorch's own answers come as errors in the middle of
// things.
#pragma once

#include <ATen/detail/AcceleratorHooksInterface.h>
#include <c10/core/Device.h>

#include <string>

#include "bridge/wire.h"

namespace cresset {

// As dev.cresset.torch.DeviceCodes numbers them. The last is LibTorch's for devices of others': a test's.
enum DeviceKind : int64_t { kCpuDevice, kCudaDevice, kPrivateUse1Device };

c10::Device device_of(int64_t kind, int64_t index);
int64_t kind_of(c10::Device device);

// Why a device cannot be used, in one sentence; nothing if it can.
std::string why_not(c10::Device device);

// How many of a kind are there.
int64_t count_devices(int64_t kind);

// LibTorch's own of devices of a type that is there.
const at::AcceleratorHooksInterface& hooks(c10::DeviceType type);

// A device's memory, in bytes.
struct DeviceMemory {
    int64_t total;
    int64_t free;  // with what LibTorch keeps of freed memory and gives back when it is needed
    int64_t used;  // by this process
    int64_t peak;  // the most that was
};

DeviceMemory device_memory(c10::Device device);

// A device's name, and its memory: in all, free, in use by this process, and the most that was.
void describe_device(c10::Device device, Writer& reply);

}  // namespace cresset
