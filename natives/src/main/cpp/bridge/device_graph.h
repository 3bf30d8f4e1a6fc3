// What a stream was given, recorded once and given to a device as a whole from then on: a CUDA graph, in NVIDIA's words. The processor then
// does one thing where it did one for each kernel.
//
// A graph has the addresses that its kernels read and write. Whoever has it keeps what is there, and reads results where they were.
#pragma once

#include <c10/core/Device.h>

#include <functional>
#include <memory>
#include <string>

namespace cresset {

class DeviceGraph {
 public:
    DeviceGraph();
    ~DeviceGraph();
    DeviceGraph(const DeviceGraph&) = delete;
    DeviceGraph& operator=(const DeviceGraph&) = delete;

    // Why none can be recorded on a device, in half a sentence; nothing if one can.
    static std::string why_not(c10::Device device);

    // Records what `work` puts into the current stream, none of which is computed; nobody else uses the stream meanwhile, and `work` has
    // been done on this thread and in this stream before, for what LibTorch makes at a first time cannot be recorded. What fails is thrown.
    void record(c10::Device device, const std::function<void()>& work);

    // Computes it in the current stream.
    void replay();

    // What a LibTorch has for a kind of device.
    class Impl;

 private:
    std::unique_ptr<Impl> impl_;
};

}  // namespace cresset
