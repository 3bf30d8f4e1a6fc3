#include "bridge/call_graph.h"

#include <ATen/ATen.h>
#include <c10/core/CachingDeviceAllocator.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "bridge/device_transfer.h"

namespace cresset {

namespace {

constexpr int kWarmRuns = 2;  // besides those in which the method is compiled
constexpr int kChecks = 2;    // besides the one right after it was recorded

// What LibTorch has of a device's memory, and what of that is in use.
std::pair<int64_t, int64_t> memory_of(c10::Device device) {
    const auto stats = c10::getDeviceAllocator(device.type())->getDeviceStats(device.index());
    return {stats.reserved_bytes[0].current, stats.allocated_bytes[0].current};
}

std::vector<at::Tensor> tensors_of(const c10::IValue& value) {
    std::vector<at::Tensor> tensors;
    with_tensors(value, [&](const at::Tensor& tensor) {
        tensors.push_back(tensor);
        return tensor;
    });
    return tensors;
}

double tolerance(at::ScalarType type) { return type == at::kHalf || type == at::kBFloat16 ? 2e-2 : 1e-3; }

// Up to what a device's rounding may move from one run to the next.
bool agree(at::Tensor plain, at::Tensor graph) {
    if (plain.scalar_type() != graph.scalar_type() || plain.sizes() != graph.sizes()) {
        return false;
    }
    if (plain.numel() == 0) {
        return true;
    }
    if (plain.is_complex()) {
        plain = at::view_as_real(plain.resolve_conj());
        graph = at::view_as_real(graph.resolve_conj());
    }
    if (!plain.is_floating_point()) {
        return at::equal(plain, graph);
    }
    const double near = tolerance(plain.scalar_type());
    plain = plain.to(at::kFloat);
    const auto largest = at::nan_to_num(plain, 0, 0, 0).abs().max().item<double>();
    return at::isclose(graph.to(at::kFloat), plain, near, near * largest, /* equal_nan= */ true).all().item<bool>();
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

// What is said where TorchScript tells its callers first, and the reason last.
std::string reason_in(const std::string& text) {
    static const std::string before = "RuntimeError: ";
    const auto told = text.rfind(before);
    return first_line(told == std::string::npos ? text : text.substr(told + before.size()));
}

}  // namespace

bool GraphBudget::take() {
    int64_t now = recorded_;
    while (now < most_) {
        if (recorded_.compare_exchange_weak(now, now + 1)) {
            return true;
        }
    }
    return false;
}

void GraphBudget::give_back(int64_t bytes) {
    recorded_--;
    bytes_ -= bytes;
}

void GraphBudget::refused(const std::string& reason) {
    std::lock_guard<std::mutex> turn(guard_);
    refusal_ = reason;
}

std::string GraphBudget::refusal() const {
    std::lock_guard<std::mutex> turn(guard_);
    return refusal_;
}

CallGraph::CallGraph(GraphBudget& budget, const OwnStream& stream, std::string why_not) : budget_(budget), stream_(stream) {
    if (why_not.empty()) {
        why_not = DeviceGraph::why_not(stream.stream().device());
    }
    if (!why_not.empty()) {
        refuse(why_not);
    }
}

CallGraph::~CallGraph() { forget(); }

std::unique_ptr<CaptureWatch> CallGraph::watch() const {
    return step_ == Step::kWarming && runs_ >= kWarmRuns ? std::make_unique<CaptureWatch>() : nullptr;
}

bool CallGraph::replay() {
    try {
        graph_->replay();
        return true;
    } catch (const std::exception& error) {
        stream_.stream().synchronize();  // throws where the device has failed for good
        refuse("it could not be run: " + reason_in(error.what()));
        return false;
    }
}

void CallGraph::follow(const c10::IValue& plain, const CaptureWatch* watch, bool settles, const Run& again) {
    if (step_ == Step::kNone || settles) {
        return;
    }
    try {
        if (step_ == Step::kChecking) {
            graph_->replay();
            check(plain);
        } else if (watch == nullptr) {
            runs_++;
        } else if (!watch->obstacle().empty()) {
            refuse(watch->obstacle());
        } else {
            record(plain, again);
        }
    } catch (const std::exception& error) {
        stream_.stream().synchronize();
        refuse(reason_in(error.what()));
    }
}

void CallGraph::record(const c10::IValue& plain, const Run& run) {
    for (const auto& tensor : tensors_of(plain)) {
        if (tensor.defined() && (tensor.device() != stream_.stream().device() || tensor.layout() != at::kStrided || tensor.is_nested() ||
                                 tensor.is_quantized())) {
            refuse("its answer has a tensor that is not on the device, or is none of rows and columns");
            return;
        }
    }
    if (!budget_.take()) {
        refuse("the model has as many as it may have, " + std::to_string(budget_.most()));
        return;
    }
    counted_ = true;
    const auto device = stream_.stream().device();
    auto graph = std::make_unique<DeviceGraph>();
    const auto before = memory_of(device);
    const bool alone = stream_.alone([&] { graph->record(device, [&] { answer_ = run(); }); });
    if (!alone) {
        refuse("the device has fewer streams than calls are prepared there");
        return;
    }
    const auto after = memory_of(device);
    bytes_ = std::max<int64_t>({after.first - before.first, after.second - before.second, 0});  // give or take what others took meanwhile
    budget_.used(bytes_);
    graph_ = std::move(graph);
    step_ = Step::kChecking;
    runs_ = -1;
    graph_->replay();
    check(plain);
}

void CallGraph::check(const c10::IValue& plain) {
    const auto expected = tensors_of(plain);
    const auto found = tensors_of(answer_);
    if (expected.size() != found.size() || !std::equal(expected.begin(), expected.end(), found.begin(), agree)) {
        refuse("it answers otherwise than the call does");
    } else if (++runs_ >= kChecks) {
        step_ = Step::kTrusted;
    }
}

void CallGraph::refuse(const std::string& reason) {
    forget();
    step_ = Step::kNone;
    budget_.refused(reason);
}

void CallGraph::forget() {
    answer_ = {};
    graph_.reset();
    if (counted_) {
        budget_.give_back(bytes_);
        counted_ = false;
        bytes_ = 0;
    }
}

}  // namespace cresset
