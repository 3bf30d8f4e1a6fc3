// What keeps a run from being recorded as a graph, seen while it is run plainly: on a device, an attempt that fails costs more than one that
// is never made.
#pragma once

#include <ATen/record_function.h>

#include <string>

namespace cresset {

// Watches the operators that this thread runs, until it is ended.
class CaptureWatch {
 public:
    CaptureWatch();
    ~CaptureWatch();
    CaptureWatch(const CaptureWatch&) = delete;
    CaptureWatch& operator=(const CaptureWatch&) = delete;

    // What follows is none of the run's.
    void end();

    // The first operator that cannot be in a graph, and why, in half a sentence; nothing so far if empty.
    const std::string& obstacle() const { return obstacle_; }

 private:
    static std::unique_ptr<at::ObserverContext> saw(const at::RecordFunction& function);

    std::string obstacle_;
    CaptureWatch* outer_;
    at::CallbackHandle handle_;
    bool ended_ = false;
};

}  // namespace cresset
