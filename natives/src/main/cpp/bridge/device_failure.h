// What fails on a device, in one sentence.
#pragma once

#include <c10/core/Stream.h>

#include <stdexcept>

namespace cresset {

struct OutOfDeviceMemory : std::runtime_error {
    using std::runtime_error::runtime_error;
};
struct DeviceFailed : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// The error that is being handled, as a failure of the device's where it is one. Waits for the stream: also what the caller has lent must
// not be read any more when he hears of the failure.
[[noreturn]] void explain_failure(c10::Stream stream);

}  // namespace cresset
