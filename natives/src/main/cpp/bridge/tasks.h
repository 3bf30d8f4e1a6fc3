// The tasks that a call has started (torch.jit.fork), counted: they may read what the caller lent for as long as they run, which is
// longer than a call that fails.
#pragma once

#include <ATen/core/function.h>
#include <ATen/core/stack.h>

#include <atomic>
#include <memory>

namespace cresset {

class Tasks {
 public:
    // `inside`: on the thread that starts them, when they are started. It knows which stream of a device's is its own; LibTorch's threads do not.
    explicit Tasks(bool inside) : running_(std::make_shared<std::atomic<int>>(0)), inside_(inside) {}

    // No task is left when this one is gone.
    ~Tasks() { wait(); }
    Tasks(const Tasks&) = delete;
    Tasks& operator=(const Tasks&) = delete;

    // Runs it as run() does, its tasks on LibTorch's own threads or inside, until the last of them is over.
    void run(torch::jit::Function& function, torch::jit::Stack& stack);

 private:
    torch::jit::TaskLauncher launcher() const;
    void wait();

    // Waited for as an atomic is: a condition variable, compiled by GCC 12, needs the libstdc++ of GCC 12, which RHEL 9 has not.
    std::shared_ptr<std::atomic<int>> running_;
    bool inside_;
};

}  // namespace cresset
