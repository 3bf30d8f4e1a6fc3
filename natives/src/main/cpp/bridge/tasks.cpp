#include "bridge/tasks.h"

#include <ATen/Parallel.h>

#include <utility>

namespace cresset {

// A task that waits for another is launched anew by that one, before it is over: the count is zero only when all are.
torch::jit::TaskLauncher Tasks::launcher() const {
    if (inside_) {
        return [](std::function<void()> task) { task(); };
    }
    return [state = state_](std::function<void()> task) {
        {
            std::lock_guard<std::mutex> guard(state->lock);
            state->running++;
        }
        at::launch([state, task = std::move(task)]() mutable {
            task();
            task = nullptr;  // and what it holds
            std::lock_guard<std::mutex> guard(state->lock);
            if (--state->running == 0) {
                state->done.notify_all();
            }
        });
    };
}

void Tasks::wait() {
    std::unique_lock<std::mutex> guard(state_->lock);
    state_->done.wait(guard, [&] { return state_->running == 0; });
}

void Tasks::run(torch::jit::Function& function, torch::jit::Stack& stack) {
    auto future = function.runAsync(stack, launcher());
    future->wait();
    wait();
    if (future->hasError()) {
        std::rethrow_exception(future->exception_ptr());
    }
    stack.clear();
    stack.push_back(future->value());
}

}  // namespace cresset
