// Between the host's memory and a device's.
#pragma once

#include <ATen/core/ivalue.h>
#include <c10/core/Allocator.h>
#include <c10/core/Device.h>

#include <functional>

namespace cresset {

// Memory of the host's that the device copies from and to by itself. Not zeroed; whoever has it gives it back, also when the device has failed.
c10::DataPtr allocate_host_memory(c10::Device device, int64_t bytes);

// The value with what `change` makes of every tensor, through tuples, lists and dictionaries.
c10::IValue with_tensors(const c10::IValue& value, const std::function<at::Tensor(const at::Tensor&)>& change);

// Copies of the value's tensors on a device.
c10::IValue to_device(const c10::IValue& value, c10::Device device);

// Copies of the value's tensors on the host. They are there when the current stream is: at once, unless they are to be `pinned`.
c10::IValue to_host(const c10::IValue& value, bool pinned);

}  // namespace cresset
