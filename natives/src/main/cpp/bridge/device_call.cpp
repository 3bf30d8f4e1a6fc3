#include "bridge/device_call.h"

#include "bridge/device_transfer.h"

namespace cresset {

namespace {

// Why a call is never a graph; nothing where it may be one.
std::string why_no_graph(const Method& method) {
    return method.starts_tasks     ? "it starts tasks (torch.jit.fork), which are other threads'"
           : method.owns_arguments ? "it keeps a state, or writes to its arguments"
                                   : "";
}

}  // namespace

DeviceCall::DeviceCall(Model& model, const Method& method, const torch::jit::Stack& arguments)
    : model_(model),
      method_(method),
      keeps_arguments_(method.owns_arguments),
      arguments_(arguments),
      begun_(model.device().type(), c10::EventFlag::BACKEND_DEFAULT),  // with the time
      done_(model.device().type(), c10::EventFlag::BACKEND_DEFAULT),
      own_(model.device()) {
    if (model.graphs().most() > 0) {
        graph_ = std::make_unique<CallGraph>(model.graphs(), own_, why_no_graph(method));
    }
    method_.owns_arguments = false;  // what it gets is nobody else's anyway
    if (keeps_arguments_) {
        return;
    }
    own_.run([&] {
        c10::InferenceMode inference;
        for (const auto& argument : arguments_) {
            there_.push_back(with_tensors(argument, [&](const at::Tensor& tensor) {
                auto place = at::empty_like(tensor, tensor.options().device(model_.device()), at::MemoryFormat::Contiguous);
                copies_.emplace_back(place, tensor);
                return place;
            }));
        }
    });
}

void DeviceCall::copy_in() {
    if (!keeps_arguments_) {
        for (const auto& [to, from] : copies_) {
            to.copy_(from, /* non_blocking= */ true);
        }
        stack_ = there_;
        return;
    }
    stack_.clear();
    for (const auto& argument : arguments_) {
        stack_.push_back(to_device(argument, model_.device()));
    }
}

c10::IValue DeviceCall::run_again() {
    stack_ = there_;
    const Emptied emptied{stack_};
    c10::IValue answer;
    model_.run(method_, stack_, [&](const c10::IValue& result) { answer = result; });
    return answer;
}

int64_t DeviceCall::await() {
    double milliseconds = 0;
    own_.run([&] {
        done_.synchronize();
        milliseconds = begun_.elapsedTime(done_);
    });
    return static_cast<int64_t>(milliseconds * 1e6);
}

c10::IValue invoke_on_device(Model& model, Method method, const torch::jit::Stack& arguments) {
    method.owns_arguments = false;  // these are copies
    c10::IValue answer;
    OwnStream own(model.device());
    own.run([&] {
        c10::InferenceMode inference;
        torch::jit::Stack stack;
        for (const auto& argument : arguments) {
            stack.push_back(to_device(argument, model.device()));
        }
        model.run(method, stack, [&](const c10::IValue& result) {
            answer = to_host(result, /* pinned= */ false);
            own.stream().synchronize();  // also what has no result must be done when it is the next one's turn
        });
    });
    return answer;
}

}  // namespace cresset
