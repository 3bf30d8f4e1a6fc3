// One prepared call as a graph: when it is recorded, when it is trusted, and why not. Until it is trusted, and for good where it cannot be,
// the call is computed plainly, so that nothing wrong is ever answered.
//
// A call is run plainly until LibTorch has compiled its method and made what it makes once for a thread and a stream. Then one more such run is
// watched (capture_watch.h), and recorded by the same thread. What the graph answers is held against that run's answer, and against those
// of the next runs, whose arguments are others: what has got into it as a number that is none of the model's shows there.
#pragma once

#include <ATen/core/ivalue.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "bridge/capture_watch.h"
#include "bridge/device_graph.h"
#include "bridge/devices.h"
#include "bridge/streams.h"

namespace cresset {

// The graphs of a model's calls.
class GraphBudget {
 public:
    explicit GraphBudget(int64_t most) : most_(most) {}

    int64_t most() const { return most_; }
    int64_t recorded() const { return recorded_; }
    int64_t bytes() const { return bytes_; }

    // Whether there may be one more; then there is.
    bool take();
    void give_back(int64_t bytes);
    void used(int64_t bytes) { bytes_ += bytes; }

    // Why a call has none: the last that was told.
    void refused(const std::string& reason);
    std::string refusal() const;

 private:
    const int64_t most_;
    std::atomic<int64_t> recorded_{0};
    std::atomic<int64_t> bytes_{0};
    mutable std::mutex guard_;
    std::string refusal_;
};

class CallGraph {
 public:
    // Runs the call plainly from arguments that stay where they are, and returns what it answers.
    using Run = std::function<c10::IValue()>;

    // Of a call for which `why_not` says nothing; else there will never be one.
    CallGraph(GraphBudget& budget, const OwnStream& stream, std::string why_not);
    ~CallGraph();
    CallGraph(const CallGraph&) = delete;
    CallGraph& operator=(const CallGraph&) = delete;

    // Whether the graph answers alone.
    bool is_trusted() const { return step_ == Step::kTrusted; }

    // Computes by the graph. False where that fails: then the call is to be run plainly, as from now on.
    bool replay();

    // Where its answer is.
    const c10::IValue& answer() const { return answer_; }

    // To be alive while a plain run is; or null.
    std::unique_ptr<CaptureWatch> watch() const;

    // To be called after each plain run, with its answer, what the watch has seen, and whether other runs of the method are still first ones.
    void follow(const c10::IValue& plain, const CaptureWatch* watch, bool settles, const Run& again);

 private:
    enum class Step { kWarming, kChecking, kTrusted, kNone };

    void record(const c10::IValue& plain, const Run& run);
    void check(const c10::IValue& plain);
    void refuse(const std::string& reason);
    void forget();

    GraphBudget& budget_;
    const OwnStream& stream_;
    Step step_ = Step::kWarming;
    int runs_ = 0;
    int64_t bytes_ = 0;
    bool counted_ = false;
    c10::IValue answer_;
    std::unique_ptr<DeviceGraph> graph_;
};

}  // namespace cresset
