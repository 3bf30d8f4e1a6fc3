// Streams of devices: what is put into one is done in order, beside what is in others.
#pragma once

#include <c10/core/Device.h>
#include <c10/core/Stream.h>
#include <c10/core/StreamGuard.h>

#include <functional>

#include "bridge/device_failure.h"

namespace cresset {

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
            explain_failure(stream_);
        }
    }

    // Returns when all that is in it is done.
    void wait() const;

 private:
    c10::Stream stream_;
};

}  // namespace cresset
