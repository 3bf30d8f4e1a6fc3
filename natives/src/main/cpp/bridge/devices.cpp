#include "bridge/devices.h"

#include <ATen/ATen.h>
#include <ATen/Context.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <ATen/detail/PrivateUse1HooksInterface.h>
#include <c10/core/CachingDeviceAllocator.h>
#include <c10/core/InferenceMode.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <sstream>
#include <unordered_map>
#include <utility>
#include <vector>

namespace cresset {

namespace {

// What NVIDIA's driver says by itself, without LibTorch: it may be there or not.
class Driver {
 public:
    static const Driver& instance() {
        static const auto& driver = *new Driver;
        return driver;
    }

    bool is_there() const { return library_ != nullptr; }

    // Why it has no devices, or nothing.
    std::string why_none() const {
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

    // What of a device's memory is free, and all of it, where this process has nothing there: LibTorch's way to ask makes a context, which
    // takes half a gigabyte there for as long as the process lives. This one does not stay. Nothing where that fails.
    std::optional<std::pair<size_t, size_t>> memory_of(int index) const {
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

    std::string name_of(int index) const {
        const auto get = function<int(int*, int)>("cuDeviceGet");
        const auto get_name = function<int(char*, int, int)>("cuDeviceGetName");
        char name[256] = "";
        int device = 0;
        if (get == nullptr || get_name == nullptr || get(&device, index) != 0 || get_name(name, sizeof(name), device) != 0) {
            return "";
        }
        return name;
    }

 private:
    Driver() : library_(dlopen("libcuda.so.1", RTLD_LAZY)) {}

    template <typename Signature>
    Signature* function(const char* name) const {
        return library_ == nullptr ? nullptr : reinterpret_cast<Signature*>(dlsym(library_, name));
    }

    void* library_;
};

// LibTorch makes up its mind about CUDA when it is first asked, and never again: it is not asked before libtorch_cuda is loaded.
bool is_built(c10::DeviceType type) {
    return type == c10::kCUDA ? at::CUDAHooksRegistry()->Has("CUDAHooks") && at::detail::getCUDAHooks().isBuilt()
                              : at::isPrivateUse1HooksRegistered();
}

const at::AcceleratorHooksInterface& hooks(c10::DeviceType type) { return at::globalContext().getAcceleratorHooksInterface(type); }

int64_t count(c10::DeviceType type) { return is_built(type) ? hooks(type).deviceCount() : 0; }

std::string why_no_cuda() {
    if (!at::CUDAHooksRegistry()->Has("CUDAHooks")) {
        return "this process has LibTorch without CUDA: libtorch_cuda is not loaded";
    }
    if (!at::detail::getCUDAHooks().isBuilt()) {
        return "LibTorch was asked for CUDA before libtorch_cuda was loaded, and does not ask again; start the JVM anew, and name the device when "
               "its first model is opened";
    }
    if (!Driver::instance().is_there()) {
        return "this machine has no NVIDIA driver (libcuda.so.1)";
    }
    const auto reason = Driver::instance().why_none();
    return "NVIDIA's driver has no device for this process" +
           (reason.empty() ? std::string("; CUDA_VISIBLE_DEVICES says which it may use") : ": " + reason);
}

std::string mebibytes(int64_t bytes) { return std::to_string(bytes >> 20) + " MiB"; }

c10::CachingDeviceAllocator::DeviceStats stats_of(c10::Device device) {
    return c10::getDeviceAllocator(device.type())->getDeviceStats(device.index());
}

// What is free, with what LibTorch keeps of freed memory and gives back when it is needed; and all.
std::pair<int64_t, int64_t> room_of(c10::Device device) {
    const auto [free, total] = c10::getDeviceAllocator(device.type())->getMemoryInfo(device.index());
    const auto stats = stats_of(device);
    const int64_t kept = std::max<int64_t>(stats.reserved_bytes[0].current - stats.allocated_bytes[0].current, 0);
    return {static_cast<int64_t>(free) + kept, static_cast<int64_t>(total)};
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

// "20.00 MiB" of "Tried to allocate 20.00 MiB. GPU 0 has ...".
std::string asked_for(const std::string& text) {
    static const std::string before = "Tried to allocate ";
    const auto begin = text.find(before);
    if (begin == std::string::npos) {
        return "memory";
    }
    const auto amount = text.substr(begin + before.size());
    return amount.substr(0, amount.find(". "));
}

std::string memory_sentence(c10::Device device, const std::string& text) {
    std::string room;
    try {
        const auto [free, total] = room_of(device);
        room = mebibytes(free) + " of " + mebibytes(total) + " are free, this process uses " +
               mebibytes(stats_of(device).allocated_bytes[0].current);
    } catch (const std::exception&) {
        room = "how much is free cannot be said";
    }
    return "device " + device.str() + " has too little memory left: " + asked_for(text) + " were asked for, " + room;
}

// Errors of a device's come through TorchScript as texts: their types are gone. What NVIDIA's libraries say is told as an error of theirs.
bool is_out_of_memory(const std::string& text) {
    static const std::array sayings{"out of memory. Tried to allocate", "CUDA error: out of memory", "CUDA driver error: out of memory",
                                    "CUBLAS_STATUS_ALLOC_FAILED",       "CUDNN_STATUS_ALLOC_FAILED", "CUFFT_ALLOC_FAILED",
                                    "CUSOLVER_STATUS_ALLOC_FAILED",     "CUSPARSE_STATUS_ALLOC_FAILED"};
    return std::any_of(sayings.begin(), sayings.end(), [&](const char* saying) { return text.find(saying) != std::string::npos; });
}

// The streams of all devices, and how many have each. LibTorch has a few only, and hands them out again and again when more are asked for.
class Streams {
 public:
    // The last that was given back, whose memory is there already; else one that nobody has, if there is one.
    c10::Stream take(c10::Device device) {
        std::lock_guard<std::mutex> turn(guard_);
        auto& idle = idle_[{device.type(), device.index()}];
        if (!idle.empty()) {
            const auto stream = idle.back();
            idle.pop_back();
            owners_[stream]++;
            return stream;
        }
        const c10::impl::VirtualGuardImpl guard(device.type());
        auto stream = guard.getStreamFromGlobalPool(device, /* isHighPriority= */ false);
        for (int i = 0; owners_[stream] > 0 && i < kPool; i++) {
            stream = guard.getStreamFromGlobalPool(device, /* isHighPriority= */ false);
        }
        owners_[stream]++;
        return stream;
    }

    void give_back(c10::Stream stream) {
        std::lock_guard<std::mutex> turn(guard_);
        if (--owners_[stream] == 0) {
            idle_[{stream.device_type(), stream.device_index()}].push_back(stream);
        }
    }

    bool alone(c10::Stream stream, const std::function<void()>& work) {
        std::lock_guard<std::mutex> turn(guard_);
        if (owners_[stream] > 1) {
            return false;
        }
        work();
        return true;
    }

 private:
    static constexpr int kPool = 32;

    std::mutex guard_;
    std::unordered_map<c10::Stream, int> owners_;
    std::map<std::pair<c10::DeviceType, c10::DeviceIndex>, std::vector<c10::Stream>> idle_;
};

Streams& streams() {
    static auto& all = *new Streams;
    return all;
}

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
        if (const auto memory = Driver::instance().memory_of(device.index())) {
            reply.text(Driver::instance().name_of(device.index()));
            reply.word(static_cast<int64_t>(memory->second));
            reply.word(static_cast<int64_t>(memory->first));
            reply.word(0);
            reply.word(0);
            return;
        }
    }
    at::globalContext().lazyInitDevice(device.type());
    const c10::DeviceGuard on(device);
    const auto name = device.is_cuda() ? Driver::instance().name_of(device.index()) : "";
    const auto [free, total] = room_of(device);
    const auto stats = stats_of(device);
    reply.text(name.empty() ? device.str() : name);
    reply.word(total);
    reply.word(free);
    reply.word(stats.allocated_bytes[0].current);
    reply.word(stats.allocated_bytes[0].peak);
}

c10::DataPtr allocate_host_memory(c10::Device device, int64_t bytes) {
    const c10::DeviceGuard on(device);
    auto memory = hooks(device.type()).getPinnedMemoryAllocator()->allocate(static_cast<size_t>(std::max<int64_t>(bytes, 1)));
    void* address = memory.get();
    return {address, new HostMemory{std::move(memory), device}, &release_host_memory, c10::kCPU};
}

OwnStream::OwnStream(c10::Device device) : stream_([&] {
    if (const auto reason = why_not(device); !reason.empty()) {
        throw Refused(reason);
    }
    at::globalContext().lazyInitDevice(device.type());
    return streams().take(device);
}()) {}

OwnStream::~OwnStream() {
    try {
        stream_.synchronize();
    } catch (const std::exception&) {
        // The device has failed: there is nothing in the stream any more.
    }
    streams().give_back(stream_);
}

bool OwnStream::alone(const std::function<void()>& work) const { return streams().alone(stream_, work); }

void OwnStream::wait() const {
    run([&] { stream_.synchronize(); });
}

void OwnStream::explain() const {
    const auto device = stream_.device();
    const auto failed = [&](const std::string& what) {
        return DeviceFailed("device " + device.str() + " has failed, and nothing on it can be computed any more in this process: " +
                            first_line(what));
    };
    try {
        // Also what the caller has lent must not be read any more when he hears of the failure.
        stream_.synchronize();
    } catch (const c10::Error& error) {
        throw failed(error.what_without_backtrace());
    } catch (const std::exception& error) {
        throw failed(error.what());
    }
    try {
        throw;
    } catch (const c10::Error& error) {
        const std::string text = error.what_without_backtrace();
        if (is_out_of_memory(text)) {
            throw OutOfDeviceMemory(memory_sentence(device, text));
        }
        throw;
    } catch (const std::exception& error) {
        const std::string text = error.what();
        if (is_out_of_memory(text)) {
            throw OutOfDeviceMemory(memory_sentence(device, text));
        }
        throw;
    }
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
