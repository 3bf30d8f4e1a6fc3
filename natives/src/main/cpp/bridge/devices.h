// The devices beside the CPU, through what LibTorch has for all of them: nothing of CUDA's is included or linked, and one library does
// with and without it.
//
// Whether a device is there is asked before anything is done with it (why_not): LibTorch's own answers come as errors in the middle of
// things.
#pragma once

#include <ATen/core/ivalue.h>
#include <c10/core/DeviceGuard.h>
#include <c10/core/Event.h>
#include <c10/core/Stream.h>
#include <c10/core/StreamGuard.h>

#include <functional>
#include <stdexcept>
#include <string>

#include "bridge/wire.h"

namespace cresset {

// As dev.cresset.torch.DeviceCodes numbers them. The last is LibTorch's for devices of others': a test's.
enum DeviceKind : int64_t { kCpuDevice, kCudaDevice, kPrivateUse1Device };

// What has failed on a device, in one sentence.
struct OutOfDeviceMemory : std::runtime_error {
    using std::runtime_error::runtime_error;
};
struct DeviceFailed : std::runtime_error {
    using std::runtime_error::runtime_error;
};

c10::Device device_of(int64_t kind, int64_t index);
int64_t kind_of(c10::Device device);

// Why a device cannot be used, in one sentence; nothing if it can.
std::string why_not(c10::Device device);

// How many of a kind are there.
int64_t count_devices(int64_t kind);

// A device's name, and its memory: in all, free, in use by this process, and the most that was.
void describe_device(c10::Device device, Writer& reply);

// Memory of the host's that the device copies from and to by itself. Not zeroed; whoever has it gives it back, also when the device has failed.
c10::DataPtr allocate_host_memory(c10::Device device, int64_t bytes);

// A stream of a device's, one owner's at a time: it is used again by the next.
class OwnStream {
 public:
    explicit OwnStream(c10::Device device);

    // Waits for what is in it, for that may read and write what the owner's caller has lent.
    ~OwnStream();
    OwnStream(const OwnStream&) = delete;
    OwnStream& operator=(const OwnStream&) = delete;

    const c10::Stream& stream() const { return stream_; }

    // Does work while nobody else has the stream, and nobody gets one. False, and nothing is done, where somebody has it: there are fewer
    // streams than owners may be.
    bool alone(const std::function<void()>& work) const;

    // Does work whose kernels and copies go into this stream. Whatever fails, nothing of it is left running, and what the device has to do
    // with it is said.
    template <typename Work>
    void run(Work work) const {
        try {
            c10::StreamGuard on(stream_);
            work();
        } catch (...) {
            explain();
        }
    }

    // Returns when all that is in it is done.
    void wait() const;

 private:
    // What is being handled, as a failure of the device's where it is one.
    [[noreturn]] void explain() const;

    c10::Stream stream_;
};

// The value with what `change` makes of every tensor, through tuples, lists and dictionaries.
c10::IValue with_tensors(const c10::IValue& value, const std::function<at::Tensor(const at::Tensor&)>& change);

// Copies of the value's tensors on a device.
c10::IValue to_device(const c10::IValue& value, c10::Device device);

// Copies of the value's tensors on the host. They are there when the current stream is: at once, unless they are to be `pinned`.
c10::IValue to_host(const c10::IValue& value, bool pinned);

}  // namespace cresset
