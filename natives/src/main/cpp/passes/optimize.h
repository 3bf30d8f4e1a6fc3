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
    kDirectLinear,
    kDirectConvolution
};

inline bool is_fused(Optimization how) {
    return how == Optimization::kFused || how == Optimization::kFusedChannelsLast;
}

inline bool is_channels_last(Optimization how) {
    return how == Optimization::kChannelsLast || how == Optimization::kFusedChannelsLast;
}

// Whether this CPU computes with bfloat16 rather than imitating it.
bool has_bfloat16();

// A frozen module whose float32 weights and constants are bfloat16 numbers; for arguments and results of that type. Attention inside it
// is computed in float32.
torch::jit::Module in_bfloat16(const torch::jit::Module& frozen);

// The value with every tensor of one type in the other, through tuples, lists and dictionaries.
c10::IValue converted(const c10::IValue& value, at::ScalarType from, at::ScalarType to);

// What this LibTorch can make of a frozen module, besides itself.
std::vector<Optimization> optimizations();

// A module with methods of its own, for what LibTorch specialises belongs to them; with the same attributes.
torch::jit::Module copied(const torch::jit::Module& frozen);

// Makes a copy compute the same in another way; it shares the weights that are not laid out anew. False where there is nothing
// in it that would be computed so.
bool optimize(torch::jit::Module& copy, Optimization how);

// Lets oneDNN fuse graphs, on threads that are inside a Fusing. Called once, before any module runs.
void allow_fusing();

// While one is alive, graphs that this thread specialises are fused. LibTorch's own switch is process-wide, and read when a
// module's first runs are over: it would fuse whatever other models specialise at that moment.
class Fusing {
 public:
    explicit Fusing(bool wanted) : before_(wanted_) { wanted_ = wanted; }
    ~Fusing() { wanted_ = before_; }
    Fusing(const Fusing&) = delete;
    Fusing& operator=(const Fusing&) = delete;

    static bool wanted() { return wanted_; }

 private:
    static thread_local bool wanted_;
    bool before_;
};

}  // namespace cresset
