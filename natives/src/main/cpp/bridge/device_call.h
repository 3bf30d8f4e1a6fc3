// A prepared call on a device beside the CPU: a stream of its own, its arguments' places there, and what it has begun.
#pragma once

#include <c10/core/Event.h>

#include <memory>
#include <utility>
#include <vector>

#include "bridge/call_graph.h"
#include "bridge/streams.h"
#include "bridge/model.h"

namespace cresset {

class DeviceCall {
 public:
    // The arguments' tensors are the host's: they are read at every start.
    DeviceCall(Model& model, const Method& method, const torch::jit::Stack& arguments);

    // Copies the arguments in, computes, and gives the result to `use`, which begins to copy it out: all of it into this call's stream. Where
    // the next call may meet what this one changes, it waits for the end.
    template <typename Use>
    void start(Use use) {
        own_.run([&] {
            c10::InferenceMode inference;
            const Emptied emptied{stack_};
            begun_.record(own_.stream());
            copy_in();
            if (graph_ && graph_->is_trusted() && graph_->replay()) {
                use(graph_->answer());
                done_.record(own_.stream());
                return;
            }
            c10::IValue answer;
            const auto watch = graph_ ? graph_->watch() : nullptr;
            model_.run(method_, stack_, [&](const c10::IValue& result) {
                if (watch) {
                    watch->end();
                }
                use(result);
                done_.record(own_.stream());
                if (model_.takes_turns(method_)) {
                    done_.synchronize();
                }
                if (graph_) {
                    answer = result;
                }
            });
            if (graph_) {
                graph_->follow(answer, watch.get(), model_.takes_turns(method_), [&] { return run_again(); });
            }
        });
    }

    // Returns when the result is where it belongs: how long the device has been at it, from the first copy to the last, in nanoseconds.
    int64_t await();

 private:
    // Whatever happens, what the run made is let go of; the device goes on with it, and whoever gets its memory next is behind in the stream.
    struct Emptied {
        torch::jit::Stack& stack;
        ~Emptied() { stack.clear(); }
    };

    void copy_in();
    c10::IValue run_again();

    Model& model_;
    Method method_;
    bool keeps_arguments_;  // the method may: each start has new ones
    torch::jit::Stack arguments_;  // as they are on the host, or else
    torch::jit::Stack there_;      // their places on the device
    std::vector<std::pair<at::Tensor, at::Tensor>> copies_;  // to there, from the host
    torch::jit::Stack stack_;
    std::unique_ptr<CallGraph> graph_;  // or null, where none is wanted
    c10::Event begun_;
    c10::Event done_;
    OwnStream own_;  // the last: whatever may still run ends before the others go
};

// Calls once, and waits. The result's tensors are on the host.
c10::IValue invoke_on_device(Model& model, Method method, const torch::jit::Stack& arguments);

}  // namespace cresset
