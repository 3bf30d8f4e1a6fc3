#include "streams.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <deque>
#include <vector>

#include "faults.h"
#include "memory.h"

namespace testdevice {

namespace {

constexpr int64_t kPool = 32;

struct Work {
    std::function<void()> run;
    const void* needs;
};

struct Queue {
    std::deque<Work> work;
};

std::array<std::array<Queue, kPool + 1>, kDevices> queues;  // the first is the default stream's
std::array<int64_t, kDevices> taken{};

thread_local c10::DeviceIndex device_now = 0;
thread_local std::array<c10::StreamId, kDevices> streams_now{};

Queue& queue(c10::Stream stream) { return queues[stream.device_index()][stream.id()]; }

c10::Stream stream(c10::DeviceIndex device, c10::StreamId id) {
    return c10::Stream(c10::Stream::UNSAFE, c10::Device(c10::kPrivateUse1, device), id);
}

void run_next(Queue& queue) {
    auto next = std::move(queue.work.front());
    queue.work.pop_front();
    next.run();
}

}  // namespace

struct Mark {
    c10::Stream stream;
    bool reached = false;
    std::chrono::steady_clock::time_point at = {};
};

std::recursive_mutex& everything() {
    static auto& mutex = *new std::recursive_mutex;
    return mutex;
}

c10::DeviceIndex current_device() { return device_now; }
void set_current_device(c10::DeviceIndex device) { device_now = device; }

c10::Stream current_stream(c10::DeviceIndex device) { return stream(device, streams_now[device]); }

c10::Stream exchange_stream(c10::Stream next) {
    return stream(next.device_index(), std::exchange(streams_now[next.device_index()], next.id()));
}

c10::Stream default_stream(c10::DeviceIndex device) { return stream(device, 0); }

c10::Stream pooled_stream(c10::DeviceIndex device) {
    std::lock_guard<std::recursive_mutex> turn(everything());
    return stream(device, 1 + taken[device]++ % kPool);
}

void later(c10::Stream stream, std::function<void()> work, const void* reads_or_writes) {
    std::lock_guard<std::recursive_mutex> turn(everything());
    queue(stream).work.push_back({std::move(work), reads_or_writes});
}

bool is_idle(c10::Stream stream) {
    std::lock_guard<std::recursive_mutex> turn(everything());
    return queue(stream).work.empty();
}

int64_t pending() {
    std::lock_guard<std::recursive_mutex> turn(everything());
    int64_t count = 0;
    for (const auto& device : queues) {
        for (const auto& queue : device) {
            count += static_cast<int64_t>(queue.work.size());
        }
    }
    return count;
}

void run_all(c10::Stream stream) {
    std::lock_guard<std::recursive_mutex> turn(everything());
    while (!queue(stream).work.empty()) {
        run_next(queue(stream));
    }
}

void run_all_of(c10::DeviceIndex device) {
    for (c10::StreamId id = 0; id <= kPool; id++) {
        run_all(stream(device, id));
    }
}

bool is_awaited(const void* begin, const void* end) {
    std::lock_guard<std::recursive_mutex> turn(everything());
    for (const auto& device : queues) {
        for (const auto& queue : device) {
            for (const auto& work : queue.work) {
                if (work.needs >= begin && work.needs < end) {
                    return true;
                }
            }
        }
    }
    return false;
}

std::shared_ptr<Mark> mark(c10::Stream stream) {
    auto place = std::make_shared<Mark>(Mark{stream});
    later(stream, [place] {
        place->reached = true;
        place->at = std::chrono::steady_clock::now();
    });
    return place;
}

bool is_reached(const Mark& mark) {
    std::lock_guard<std::recursive_mutex> turn(everything());
    return mark.reached;
}

double milliseconds_between(const Mark& begin, const Mark& end) {
    std::lock_guard<std::recursive_mutex> turn(everything());
    return std::chrono::duration<double, std::milli>(end.at - begin.at).count();
}

void run_to(const std::shared_ptr<Mark>& mark) {
    std::lock_guard<std::recursive_mutex> turn(everything());
    while (!mark->reached) {
        run_next(queue(mark->stream));
    }
}

}  // namespace testdevice
