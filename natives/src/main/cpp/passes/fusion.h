// oneDNN's fusion of operators, which LibTorch has.
#pragma once

namespace cresset {

// Whether this LibTorch has it.
bool can_fuse();

// Lets oneDNN fuse graphs, on threads that are inside a FusionGuard. Called once, before any module runs.
void register_fusion();

// While one is alive, graphs that this thread specialises are fused, if so wanted. LibTorch's own switch is process-wide, and read when a
// module's first runs are over: it would fuse whatever other models specialise at that moment.
class FusionGuard {
 public:
    explicit FusionGuard(bool wanted) : before_(wanted_) { wanted_ = wanted; }
    ~FusionGuard() { wanted_ = before_; }
    FusionGuard(const FusionGuard&) = delete;
    FusionGuard& operator=(const FusionGuard&) = delete;

    static bool wanted() { return wanted_; }

 private:
    static thread_local bool wanted_;
    bool before_;
};

}  // namespace cresset
