#include "bridge/device_transfer.h"

#include <ATen/ATen.h>
#include <c10/core/DeviceGuard.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "bridge/devices.h"

namespace cresset {

namespace {

bool works(c10::Device device) noexcept {
    try {
        const c10::impl::VirtualGuardImpl guard(device.type());
        guard.queryStream(guard.getDefaultStream(device));
        return true;
    } catch (...) {
        return false;
    }
}

struct HostMemory {
    c10::DataPtr memory;
    c10::Device device;
};

// LibTorch asks the device when memory is free that was copied from or to, and throws if it has failed: out of what may not throw, which ends
// the process. So that memory stays.
void release_host_memory(void* context) noexcept {
    const std::unique_ptr<HostMemory> host(static_cast<HostMemory*>(context));
    if (!works(host->device)) {
        host->memory.release_context();
    }
}

}  // namespace

c10::DataPtr allocate_host_memory(c10::Device device, int64_t bytes) {
    const c10::DeviceGuard on(device);
    auto memory = hooks(device.type()).getPinnedMemoryAllocator()->allocate(static_cast<size_t>(std::max<int64_t>(bytes, 1)));
    void* address = memory.get();
    return {address, new HostMemory{std::move(memory), device}, &release_host_memory, c10::kCPU};
}

c10::IValue with_tensors(const c10::IValue& value, const std::function<at::Tensor(const at::Tensor&)>& change) {
    if (value.isTensor()) {
        return value.toTensor().defined() ? c10::IValue(change(value.toTensor())) : value;
    }
    if (value.isTuple()) {
        const auto& tuple = value.toTupleRef();
        std::vector<c10::IValue> elements;
        for (const auto& element : tuple.elements()) {
            elements.push_back(with_tensors(element, change));
        }
        const auto type = tuple.type<c10::TupleType>();
        return type->schema() ? c10::ivalue::Tuple::createNamed(std::move(elements), type) : c10::ivalue::Tuple::create(std::move(elements));
    }
    if (value.isList()) {
        c10::impl::GenericList copy(value.toList().elementType());
        for (const auto& element : value.toListRef()) {
            copy.push_back(with_tensors(element, change));
        }
        return copy;
    }
    if (value.isGenericDict()) {
        const auto dict = value.toGenericDict();
        c10::impl::GenericDict copy(dict.keyType(), dict.valueType());
        for (const auto& entry : dict) {
            copy.insert(with_tensors(entry.key(), change), with_tensors(entry.value(), change));
        }
        return copy;
    }
    return value;
}

c10::IValue to_device(const c10::IValue& value, c10::Device device) {
    return with_tensors(value, [&](const at::Tensor& tensor) { return tensor.to(device, /* non_blocking= */ true, /* copy= */ true); });
}

namespace {

at::Tensor empty_pinned(at::IntArrayRef sizes, const at::TensorOptions& options, c10::Device device) {
    const auto bytes = c10::multiply_integers(sizes) * static_cast<int64_t>(options.dtype().itemsize());
    auto memory = std::make_shared<c10::DataPtr>(allocate_host_memory(device, bytes));
    void* address = memory->get();
    return at::for_blob(address, sizes).options(options).deleter([memory = std::move(memory)](void*) mutable { memory.reset(); }).make_tensor();
}

}  // namespace

c10::IValue to_host(const c10::IValue& value, bool pinned) {
    return with_tensors(value, [&](const at::Tensor& tensor) {
        if (tensor.device().is_cpu()) {
            return tensor;
        }
        if (tensor.layout() != at::kStrided || tensor.is_nested()) {
            return tensor.cpu();
        }
        const auto options = at::TensorOptions().dtype(tensor.scalar_type());
        auto copy = pinned ? empty_pinned(tensor.sizes(), options, tensor.device()) : at::empty(tensor.sizes(), options);
        copy.copy_(tensor, /* non_blocking= */ pinned);
        return copy;
    });
}

}  // namespace cresset
