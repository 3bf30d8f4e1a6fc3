#include "bridge/devices.h"

#include <ATen/Context.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <ATen/detail/PrivateUse1HooksInterface.h>
#include <c10/core/CachingDeviceAllocator.h>
#include <c10/core/DeviceGuard.h>

#include <algorithm>

#include "bridge/cuda_driver.h"

namespace cresset {

namespace {

// LibTorch makes up its mind about CUDA when it is first asked, and never again: it is not asked before libtorch_cuda is loaded.
bool is_built(c10::DeviceType type) {
    return type == c10::kCUDA ? at::CUDAHooksRegistry()->Has("CUDAHooks") && at::detail::getCUDAHooks().isBuilt()
                              : at::isPrivateUse1HooksRegistered();
}

int64_t count(c10::DeviceType type) { return is_built(type) ? hooks(type).deviceCount() : 0; }

std::string why_no_cuda() {
    if (!at::CUDAHooksRegistry()->Has("CUDAHooks")) {
        return "this process has LibTorch without CUDA: libtorch_cuda is not loaded";
    }
    if (!at::detail::getCUDAHooks().isBuilt()) {
        return "LibTorch was asked for CUDA before libtorch_cuda was loaded, and does not ask again; start the JVM anew, and name the device when "
               "its first model is opened";
    }
    if (!CudaDriver::instance().is_there()) {
        return "this machine has no NVIDIA driver (libcuda.so.1)";
    }
    const auto reason = CudaDriver::instance().why_none();
    return "NVIDIA's driver has no device for this process" +
           (reason.empty() ? std::string("; CUDA_VISIBLE_DEVICES says which it may use") : ": " + reason);
}

}  // namespace

const at::AcceleratorHooksInterface& hooks(c10::DeviceType type) { return at::globalContext().getAcceleratorHooksInterface(type); }

DeviceMemory device_memory(c10::Device device) {
    auto* allocator = c10::getDeviceAllocator(device.type());
    const auto [free, total] = allocator->getMemoryInfo(device.index());
    const auto stats = allocator->getDeviceStats(device.index());
    const int64_t used = stats.allocated_bytes[0].current;
    const int64_t kept = std::max<int64_t>(stats.reserved_bytes[0].current - used, 0);
    return {static_cast<int64_t>(total), static_cast<int64_t>(free) + kept, used, stats.allocated_bytes[0].peak};
}

c10::Device device_of(int64_t kind, int64_t index) {
    switch (kind) {
        case kCpuDevice:
            return c10::kCPU;
        case kCudaDevice:
            return {c10::kCUDA, static_cast<c10::DeviceIndex>(std::min<int64_t>(index, INT8_MAX))};
        case kPrivateUse1Device:
            return {c10::kPrivateUse1, static_cast<c10::DeviceIndex>(std::min<int64_t>(index, INT8_MAX))};
        default:
            throw Refused("a device of unknown kind " + std::to_string(kind));
    }
}

int64_t kind_of(c10::Device device) {
    return device.is_cpu() ? kCpuDevice : device.is_cuda() ? kCudaDevice : kPrivateUse1Device;
}

std::string why_not(c10::Device device) {
    if (device.is_cpu()) {
        return "";
    }
    const int64_t there = count(device.type());
    if (there == 0) {
        return device.is_cuda() ? why_no_cuda() : "this process has no devices of that kind";
    }
    if (device.index() >= there) {
        return "there is no device " + device.str() + ": " +
               (there == 1 ? "the only one is " : "the last is ") + c10::Device(device.type(), static_cast<c10::DeviceIndex>(there - 1)).str();
    }
    return "";
}

int64_t count_devices(int64_t kind) {
    const auto device = device_of(kind, 0);
    return device.is_cpu() ? 1 : count(device.type());
}

void describe_device(c10::Device device, Writer& reply) {
    if (device.is_cuda() && !hooks(device.type()).hasPrimaryContext(device.index())) {
        if (const auto memory = CudaDriver::instance().memory_of(device.index())) {
            reply.text(CudaDriver::instance().name_of(device.index()));
            reply.word(static_cast<int64_t>(memory->second));
            reply.word(static_cast<int64_t>(memory->first));
            reply.word(0);
            reply.word(0);
            return;
        }
    }
    at::globalContext().lazyInitDevice(device.type());
    const c10::DeviceGuard on(device);
    const auto name = device.is_cuda() ? CudaDriver::instance().name_of(device.index()) : "";
    const auto memory = device_memory(device);
    reply.text(name.empty() ? device.str() : name);
    reply.word(memory.total);
    reply.word(memory.free);
    reply.word(memory.used);
    reply.word(memory.peak);
}

}  // namespace cresset
