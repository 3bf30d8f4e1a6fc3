// Streams that put off what they can: work waits in them until somebody waits for it.
#pragma once

#include <c10/core/Stream.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>

namespace testdevice {

// Guards all that there is of the devices but for kernels, which run outside.
std::recursive_mutex& everything();

c10::DeviceIndex current_device();
void set_current_device(c10::DeviceIndex device);

c10::Stream current_stream(c10::DeviceIndex device);
c10::Stream exchange_stream(c10::Stream stream);
c10::Stream default_stream(c10::DeviceIndex device);

// One of a few, in turn: two that are asked for at the same time are others.
c10::Stream pooled_stream(c10::DeviceIndex device);

// Puts work off. Until it has run, `reads_or_writes` must stay, if it is page-locked memory.
void later(c10::Stream stream, std::function<void()> work, const void* reads_or_writes = nullptr);

bool is_idle(c10::Stream stream);
int64_t pending();
void run_all(c10::Stream stream);
void run_all_of(c10::DeviceIndex device);

// Whether some work that was put off needs memory between these addresses.
bool is_awaited(const void* begin, const void* end);

// A place in a stream that is reached or not.
struct Mark;
std::shared_ptr<Mark> mark(c10::Stream stream);
bool is_reached(const Mark& mark);
double milliseconds_between(const Mark& begin, const Mark& end);
void run_to(const std::shared_ptr<Mark>& mark);

}  // namespace testdevice
