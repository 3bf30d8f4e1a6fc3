// A TorchScript module ready to be run by many threads, and one prepared way of calling it.
#pragma once

#include <c10/core/InferenceMode.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/runtime/interpreter.h>

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "analysis/effects.h"
#include "bridge/call_graph.h"
#include "bridge/tasks.h"
#include "bridge/threads.h"
#include "bridge/wire.h"
#include "memory/caching_allocator.h"
#include "passes/fusion.h"
#include "passes/optimize.h"
#include "passes/precision.h"

namespace cresset {

// A method as it is run.
struct Method {
    torch::jit::Function* function;
    bool owns_arguments;  // it may keep them or write to them, and what is the caller's is only lent
    bool starts_tasks;
    const torch::jit::Code* code;  // compiled once and for all; or null, where LibTorch specialises the function as it runs
    std::atomic<int>* first_runs;  // how many are left that take turns; or null, where none has to
};

class Model {
 public:
    using Source = std::function<torch::jit::Module()>;

    // Loads the module, puts it in eval mode, and freezes it unless it changes its own state. A frozen one's weights are others than
    // those that it was saved with: these are not kept, but loaded again for whoever asks for them before it has settled. The source's
    // tensors are on the device, and so many of its prepared calls may be graphs there.
    Model(Source source, c10::Device device, int threads, bool may_freeze, int64_t graphs);
    ~Model();
    Model(const Model&) = delete;
    Model& operator=(const Model&) = delete;

    // The same module with numbers of another type inside; float32 ones go in and come out. Only of a frozen one.
    std::unique_ptr<Model> reduced(at::ScalarType numbers) const;

    // The same module, computed in another way; the caller owns it. Only of a frozen one that has not settled. As it was saved,
    // it has the precision that it was saved with. Where nothing in it would be computed so, it is as frozen as this one.
    std::unique_ptr<Model> optimized(Optimization how) const;

    // Lets go of what only other optimizations need.
    void settle() { source_ = nullptr; }

    c10::Device device() const { return device_; }

    // Whether calls of the method come one after the other, each when all that the one before has begun is done: where there is state, and on
    // devices beside the CPU for a method's first runs, in which LibTorch computes constants that others then have.
    bool takes_turns(const Method& method) const { return stateful_ || (method.first_runs != nullptr && *method.first_runs > 0); }

    GraphBudget& graphs() { return graphs_; }

    Method method(const std::string& name) const;

    // The method with compiled code of its own, for a caller that is one of several: threads wait for each other at the locks and
    // the counts of code that they share, which shows where a call is a microsecond. Nothing where it does not.
    std::unique_ptr<torch::jit::Code> unshared(const Method& method) const;

    void describe(Writer& reply) const;

    // The receiver and the arguments, checked against the method's schema and completed with its defaults.
    torch::jit::Stack arguments(const torch::jit::Function& method, Reader& request) const;

    // Calls the method with what is on the stack, and hands the result to `use`, before another call can change what it shares
    // with the module.
    template <typename Use>
    void run(const Method& method, torch::jit::Stack& stack, Use use) {
        c10::InferenceMode inference;
        // State is one caller's at a time. Who waits for it takes no processors meanwhile.
        std::unique_lock<std::mutex> turn(turn_, std::defer_lock);
        if (takes_turns(method)) {
            turn.lock();
        }
        Threads threads(threads_);
        CachingGuard memory;
        FusionGuard fusion(is_fused(how_));
        if (method.owns_arguments) {
            for (auto& argument : stack) {
                if (!argument.isObject()) {
                    argument = argument.deepcopy();
                }
            }
        }
        if (reduced_) {
            for (auto& argument : stack) {
                argument = converted(argument, at::kFloat, *reduced_);
            }
        }
        if (is_channels_last(how_)) {
            lay_out_channels_last(stack);
        }
        if (method.starts_tasks) {
            Tasks(/* inside= */ !device_.is_cpu()).run(*method.function, stack);
        } else if (method.code != nullptr) {
            torch::jit::InterpreterState(*method.code).run(stack);
        } else {
            method.function->run(stack);
        }
        refuse_too_deep(stack.front());
        if (reduced_) {
            stack.front() = converted(stack.front(), *reduced_, at::kFloat);
        }
        use(stack.front());
        if (turn.owns_lock() && method.first_runs != nullptr && *method.first_runs > 0) {
            --*method.first_runs;
        }
    }

 private:
    using MethodEffects = std::map<std::string, Effects>;

    Model(const Model& other, torch::jit::Module module, Optimization how, std::optional<at::ScalarType> reduced);

    static void lay_out_channels_last(torch::jit::Stack& arguments);
    void run_as_written();
    void count_first_runs();

    torch::jit::Module module_;
    c10::Device device_;
    Source source_;  // of a frozen one that has not settled
    std::shared_ptr<const MethodEffects> effects_;  // of the module as it was saved: other ways to compute it have no more
    int threads_;
    Optimization how_ = Optimization::kAsIs;
    std::map<std::string, torch::jit::Code> codes_;  // of what LibTorch is not to change any more as it runs it
    bool cloned_ = false;  // from another module, whose compilation unit this one's methods are in
    std::optional<at::ScalarType> reduced_;  // the type of the numbers inside, where it is not that of those that go in
    GraphBudget graphs_;
    bool stateful_ = false;
    std::mutex turn_;
    mutable std::map<std::string, std::atomic<int>> first_runs_;  // of the methods of one that is not on the CPU
};

class DeviceCall;

// Arguments that stay where they are, read anew at every run. What a run needs besides is kept for the next.
class Call {
 public:
    Call(Model& model, Reader& request);
    ~Call();

    // Hot path.
    void run();

    // The two halves of a run, on a device beside the CPU: what is started is awaited before anything else.
    void start();
    void await();

    Writer& reply() { return reply_; }

 private:
    void write(const c10::IValue& result);

    Model& model_;
    Method method_;
    std::unique_ptr<torch::jit::Code> unshared_;  // or null
    torch::jit::Stack arguments_;
    torch::jit::Stack stack_;
    std::vector<at::Tensor> outputs_;
    Writer reply_;
    c10::IValue result_;  // of what was started, if no outputs are bound: on the host, once it is awaited
    std::unique_ptr<DeviceCall> on_device_;  // or null; the last, for it waits for what the others are needed for
};

}  // namespace cresset
