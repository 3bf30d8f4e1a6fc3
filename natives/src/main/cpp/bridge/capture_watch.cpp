// LibTorch is built so: without it, a header looks for a member that its library does not fill, and refuses to tell inputs.
#ifndef NDEBUG
#define NDEBUG
#endif

#include "bridge/capture_watch.h"

#include <ATen/core/dispatch/Dispatcher.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace cresset {

namespace {

thread_local CaptureWatch* watching = nullptr;

// What may drop numbers at random, as attention may, says by its arguments whether it does.
bool draws(const c10::FunctionSchema& schema, c10::ArrayRef<const c10::IValue> inputs) {
    for (size_t i = 0; i < std::min(inputs.size(), schema.arguments().size()); i++) {
        const auto& name = schema.arguments()[i].name();
        const bool is_off = (name == "train" || name == "training") && inputs[i].isBool() && !inputs[i].toBool();
        const bool is_none = (name == "dropout_p" || name == "dropout" || name == "p") && inputs[i].isDouble() && inputs[i].toDouble() == 0;
        if (is_off || is_none) {
            return false;
        }
    }
    return true;
}

// LibTorch says of its operators what matters here. Whoever answers with a number, or with as many as there are, has waited for the device.
std::string obstacle_of(const at::RecordFunction& function) {
    const auto name = function.operator_name();
    if (!name) {
        return "";
    }
    const auto known = c10::Dispatcher::singleton().findSchema(*name);
    if (known && known->hasTag(at::Tag::data_dependent_output)) {
        return name->name + " waits for numbers of the device's";
    }
    if (known && known->hasTag(at::Tag::dynamic_output_shape)) {
        return name->name + " answers with a size that depends on numbers";
    }
    if (known && known->hasTag(at::Tag::nondeterministic_seeded) && draws(known->schema(), function.inputs())) {
        return name->name + " draws random numbers";
    }
    std::optional<c10::Device> device;
    for (const auto& input : function.inputs()) {
        if (!input.isTensor() || !input.toTensor().defined()) {
            continue;
        }
        const auto here = input.toTensor().device();
        if (device && device->type() != here.type() && name->name == "aten::copy_") {
            return name->name + " copies between the host and the device";
        }
        device = device ? device : here;
    }
    return "";
}

}  // namespace

CaptureWatch::CaptureWatch()
    : outer_(std::exchange(watching, this)),
      handle_(at::addThreadLocalCallback(
          at::RecordFunctionCallback(&CaptureWatch::saw).needsInputs(true).scopes({at::RecordScope::FUNCTION}))) {}

CaptureWatch::~CaptureWatch() { end(); }

void CaptureWatch::end() {
    if (!std::exchange(ended_, true)) {
        at::removeCallback(handle_);
        watching = outer_;
    }
}

std::unique_ptr<at::ObserverContext> CaptureWatch::saw(const at::RecordFunction& function) {
    if (watching != nullptr && watching->obstacle_.empty()) {
        watching->obstacle_ = obstacle_of(function);
    }
    return nullptr;
}

}  // namespace cresset
