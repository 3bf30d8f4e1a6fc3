#include "bridge/streams.h"

#include <ATen/Context.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include <exception>
#include <map>
#include <mutex>
#include <unordered_map>
#include <utility>
#include <vector>

#include "bridge/devices.h"

namespace cresset {

namespace {

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

}  // namespace

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

}  // namespace cresset
