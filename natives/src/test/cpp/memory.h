// The devices' memory: a range of addresses that nobody can read or write, and behind each of them, somewhere else, memory of the host's.
#pragma once

#include <c10/core/CachingDeviceAllocator.h>

#include <cstddef>
#include <cstdint>

namespace testdevice {

constexpr c10::DeviceIndex kDevices = 2;

// Where the memory behind a device's address is.
void* host(const void* device_address);

// Which device's address it is, or -1.
c10::DeviceIndex device_of(const void* address);

c10::DeviceAllocator& device_allocator();

// How much memory a device has from now on.
void set_limit(c10::DeviceIndex device, size_t bytes);

// Memory that copies need not wait for.
c10::Allocator& pinned_allocator();
bool is_pinned(const void* address);
size_t pinned_bytes();

// A copy from or to where it begins: when it is freed, the device is asked.
void use_pinned(const void* address, c10::DeviceIndex device);

}  // namespace testdevice
