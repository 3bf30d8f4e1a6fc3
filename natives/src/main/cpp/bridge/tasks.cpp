#include "bridge/tasks.h"

#include <ATen/Parallel.h>

#include <utility>

namespace cresset {

namespace {

void end(std::atomic<int>& running) {
    if (running.fetch_sub(1) == 1) {
        running.notify_all();
    }
}

}  // namespace

// A task that waits for another is launched anew by that one, before it is over: the count is zero only when all are.
torch::jit::TaskLauncher Tasks::launcher() const {
    if (inside_) {
        return [](std::function<void()> task) { task(); };
    }
    return [running = running_](std::function<void()> task) {
        running->fetch_add(1);
        at::launch([running, task = std::move(task)]() mutable {
            task();
            task = nullptr;  // and what it holds
            end(*running);
        });
    };
}

void Tasks::wait() {
    for (int left = running_->load(); left != 0; left = running_->load()) {
        running_->wait(left);
    }
}

void Tasks::run(torch::jit::Function& function, torch::jit::Stack& stack) {
    auto future = function.runAsync(stack, launcher());
    // It ends as a task does; its own wait() is a condition variable's.
    running_->fetch_add(1);
    future->addCallback([running = running_](c10::ivalue::Future&) { end(*running); }, /*uses_future=*/false);
    wait();
    if (future->hasError()) {
        std::rethrow_exception(future->exception_ptr());
    }
    stack.clear();
    stack.push_back(future->value());
}

}  // namespace cresset
