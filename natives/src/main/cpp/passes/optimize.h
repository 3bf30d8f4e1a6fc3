// Ways to compute what a frozen module computes, faster on some CPUs and for some models: which, only timing tells.
#pragma once

#include <torch/csrc/jit/api/module.h>

#include <string>
#include <vector>

namespace cresset {

// dev.cresset.engine.Optimization has the same in the same order.
enum class Optimization : int64_t {
    kAsIs,
    kFrozen,
    kForInference,
    kFused,
    kChannelsLast,
    kFusedChannelsLast,
    kDirect,
    kDirectChannelsLast
};

inline bool is_fused(Optimization how) {
    return how == Optimization::kFused || how == Optimization::kFusedChannelsLast;
}

inline bool is_channels_last(Optimization how) {
    return how == Optimization::kChannelsLast || how == Optimization::kFusedChannelsLast;
}

// By operators of our own.
inline bool is_direct(Optimization how) { return how == Optimization::kDirect || how == Optimization::kDirectChannelsLast; }

// What this LibTorch can make of a frozen module on a device, besides itself. Operators of our own and oneDNN's are the CPU's.
std::vector<Optimization> optimizations(c10::Device device);

// A module with methods of its own, for what LibTorch specialises belongs to them; with the same attributes.
torch::jit::Module copied(const torch::jit::Module& frozen);

// Makes a copy compute the same in another way; it shares the weights that are not laid out anew. False where there is nothing
// in it that would be computed so.
bool optimize(torch::jit::Module& copy, Optimization how);

// For LibTorch's functions, which keep forward alone unless they are told what else.
std::vector<std::string> methods_besides_forward(const torch::jit::Module& module);

}  // namespace cresset
