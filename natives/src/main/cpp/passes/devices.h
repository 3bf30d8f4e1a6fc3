// Modules that were saved on the CPU, on other devices.
#pragma once

#include <torch/csrc/jit/api/module.h>

namespace cresset {

// Puts a module's tensors on a device, and what its code makes on the CPU, too: tracing and exporting write the device down that the example
// was on, and code that names none means the CPU. As with torch.set_default_device in Python. Of a module that nobody has called.
void move_to(torch::jit::Module& module, c10::Device device);

// Fills what is filled by a tensor of one number that is known by the number itself: nobody has to wait for the device to say it.
void fill_by_numbers(torch::jit::Module& frozen);

}  // namespace cresset
