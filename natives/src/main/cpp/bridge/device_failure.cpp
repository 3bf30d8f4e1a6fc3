#include "bridge/device_failure.h"

#include <c10/util/Exception.h>

#include <algorithm>
#include <array>
#include <string>

#include "bridge/devices.h"

namespace cresset {

namespace {

std::string mebibytes(int64_t bytes) { return std::to_string(bytes >> 20) + " MiB"; }

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
        const auto memory = device_memory(device);
        room = mebibytes(memory.free) + " of " + mebibytes(memory.total) + " are free, this process uses " + mebibytes(memory.used);
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

}  // namespace

void explain_failure(c10::Stream stream) {
    const auto device = stream.device();
    const auto failed = [&](const std::string& what) {
        return DeviceFailed("device " + device.str() + " has failed, and nothing on it can be computed any more in this process: " +
                            first_line(what));
    };
    try {
        stream.synchronize();
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

}  // namespace cresset
