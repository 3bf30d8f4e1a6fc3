// The tasks that a call has started (torch.jit.fork), counted: they may read what the caller lent for as long as they run, which is
// longer than a call that fails.
#pragma once

#include <ATen/core/function.h>
#include <ATen/core/stack.h>

#include <condition_variable>
#include <memory>
#include <mutex>

namespace cresset {

class Tasks {
 public:
    // `inside`: on the thread that starts them, when they are started. It knows which stream of a device's is its own; LibTorch's threads do not.
    explicit Tasks(bool inside) : state_(std::make_shared<State>()), inside_(inside) {}

    // No task is left when this one is gone.
    ~Tasks() { wait(); }
    Tasks(const Tasks&) = delete;
    Tasks& operator=(const Tasks&) = delete;

    // Runs it as run() does, its tasks on LibTorch's own threads or inside, until the last of them is over.
    void run(torch::jit::Function& function, torch::jit::Stack& stack);

 private:
    struct State {
        std::mutex lock;
        std::condition_variable done;
        int64_t running = 0;
    };

    torch::jit::TaskLauncher launcher() const;
    void wait();

    std::shared_ptr<State> state_;
    bool inside_;
};

}  // namespace cresset
