// What a stream was given, recorded to be given again (LibTorch's GraphImplInterface), as strict as CUDA: what cannot be recorded ends the
// record, and a record that ended so must stay.
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <vector>

namespace testdevice {

// Whether what this thread puts into its current stream is recorded.
bool is_recording(c10::DeviceIndex device);

// Adds work to the record. The tensors that it makes are written anew each time; what is in them now is nothing.
void record(c10::DeviceIndex device, std::function<void()> work, const std::vector<at::Tensor>& made);

// Throws, and ends the record, where the stream is recorded.
void refuse_in_record(c10::Stream stream, const char* what);

}  // namespace testdevice
