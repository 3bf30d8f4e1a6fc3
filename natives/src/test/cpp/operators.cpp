// What the device computes: memory, copies and views by itself, all else on the CPU, on copies.
#include <ATen/EmptyTensor.h>
#include <ATen/native/CPUFallback.h>
#include <ATen/native/DispatchStub.h>
#include <ATen/native/Resize.h>
#include <ATen/native/transformers/attention.h>
#include <ATen/ops/_reshape_alias_native.h>
#include <ATen/ops/as_strided_cpu_dispatch.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/convolution.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/resize_native.h>
#include <ATen/ops/set_cpu_dispatch.h>
#include <ATen/ops/unfold_native.h>
#include <ATen/ops/view_native.h>
#include <c10/core/DeviceGuard.h>
#include <ATen/record_function.h>
#include <torch/library.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <vector>

#include "faults.h"
#include "graphs.h"
#include "memory.h"
#include "streams.h"

namespace testdevice {

namespace {

bool is_ours(const at::Tensor& tensor) { return tensor.device().type() == c10::kPrivateUse1; }

// The same numbers for the CPU.
at::Tensor behind(const at::Tensor& tensor) {
    if (!is_ours(tensor)) {
        return tensor;
    }
    void* data = tensor.numel() == 0 ? nullptr : host(tensor.data_ptr());
    return at::from_blob(data, tensor.sizes(), tensor.strides(), tensor.options().device(at::kCPU));
}

at::Tensor empty(c10::SymIntArrayRef size, std::optional<at::ScalarType> type, std::optional<at::Layout>, std::optional<at::Device> device,
                 std::optional<bool>, std::optional<at::MemoryFormat> format) {
    const c10::DeviceGuard on(device.value_or(c10::Device(c10::kPrivateUse1, current_device())));
    return at::detail::empty_generic(C10_AS_INTARRAYREF_SLOW(size), &device_allocator(), c10::DispatchKeySet(c10::DispatchKey::PrivateUse1),
                                     c10::dtype_or_default(type), format);
}

at::Tensor empty_strided(c10::SymIntArrayRef size, c10::SymIntArrayRef stride, std::optional<at::ScalarType> type, std::optional<at::Layout>,
                         std::optional<at::Device> device, std::optional<bool>) {
    const c10::DeviceGuard on(device.value_or(c10::Device(c10::kPrivateUse1, current_device())));
    return at::detail::empty_strided_generic(C10_AS_INTARRAYREF_SLOW(size), C10_AS_INTARRAYREF_SLOW(stride), &device_allocator(),
                                             c10::DispatchKeySet(c10::DispatchKey::PrivateUse1), c10::dtype_or_default(type));
}

// As CUDA does it: in the order of the current stream; put off only between page-locked memory and the device's, byte by byte.
at::Tensor copy_from(const at::Tensor& from, const at::Tensor& to, bool non_blocking) {
    const auto device = is_ours(to) ? to.device() : from.device();
    check(device.index());
    const auto stream = current_stream(device.index());
    const auto& other = is_ours(to) ? from : to;
    const bool plain = from.scalar_type() == to.scalar_type() && from.sizes() == to.sizes() && from.is_contiguous() && to.is_contiguous() &&
                       !from.is_conj() && !from.is_neg();
    if (non_blocking && plain && from.numel() > 0 && !is_ours(other) && is_pinned(other.const_data_ptr())) {
        refuse_in_record(stream, "a copy from or to the host");
        use_pinned(other.const_data_ptr(), device.index());
        counters().deferred_copies++;
        void* target = is_ours(to) ? host(to.data_ptr()) : to.data_ptr();
        const void* source = is_ours(from) ? host(from.const_data_ptr()) : from.const_data_ptr();
        later(stream, [target, source, bytes = from.nbytes()] { std::memcpy(target, source, bytes); }, other.const_data_ptr());
        return to;
    }
    if (!is_ours(other)) {
        refuse_in_record(stream, "a copy from or to the host");
        counters().waiting_copies++;
    } else if (from.device() != to.device()) {
        run_all(current_stream(from.device().index()));
    }
    run_all(stream);
    const auto copy = [from, to] { behind(to).copy_(behind(from)); };
    copy();
    if (is_recording(device.index())) {
        record(device.index(), copy, {});
    }
    return to;
}

at::Tensor copy_from_and_resize(const at::Tensor& from, const at::Tensor& to) {
    at::native::resize_output(to, from.sizes());
    return copy_from(from, to, false);
}

at::Scalar scalar(const at::Tensor& tensor) {
    check(tensor.device().index());
    refuse_in_record(current_stream(tensor.device().index()), "a number for the host");
    run_all(current_stream(tensor.device().index()));
    return behind(tensor).item();
}

at::Tensor as_strided(const at::Tensor& self, c10::SymIntArrayRef size, c10::SymIntArrayRef stride, std::optional<c10::SymInt> offset) {
    return at::cpu::as_strided_symint(self, size, stride, offset);
}

at::Tensor view(const at::Tensor& self, c10::SymIntArrayRef size) { return at::native::view(self, C10_AS_INTARRAYREF_SLOW(size)); }

at::Tensor reshape_alias(const at::Tensor& self, c10::SymIntArrayRef size, c10::SymIntArrayRef stride) {
    return at::native::_reshape_alias(self, C10_AS_INTARRAYREF_SLOW(size), C10_AS_INTARRAYREF_SLOW(stride));
}

const at::Tensor& resize(const at::Tensor& self, c10::SymIntArrayRef size, std::optional<at::MemoryFormat> format) {
    return at::native::resize_(self, C10_AS_INTARRAYREF_SLOW(size), format);
}

at::Tensor& set_storage(at::Tensor& self, at::Storage source) { return at::cpu::set_(self, source); }

at::Tensor& set_storage_part(at::Tensor& self, at::Storage source, c10::SymInt offset, c10::SymIntArrayRef size, c10::SymIntArrayRef stride) {
    return at::cpu::set__symint(self, source, offset, size, stride);
}

at::Tensor& set_tensor(at::Tensor& self, const at::Tensor& source) { return at::cpu::set_(self, source); }

struct Sizes {
    std::vector<int64_t> stride, padding, dilation, output_padding;
};

at::Tensor convolution(const at::Tensor& input, const at::Tensor& weight, const std::optional<at::Tensor>& bias, c10::SymIntArrayRef stride,
                       c10::SymIntArrayRef padding, c10::SymIntArrayRef dilation, bool transposed, c10::SymIntArrayRef output_padding,
                       c10::SymInt groups) {
    const auto device = input.device();
    count_kernel(device.index());
    const c10::DeviceGuard on(device);
    const Sizes sizes{C10_AS_INTARRAYREF_SLOW(stride).vec(), C10_AS_INTARRAYREF_SLOW(padding).vec(), C10_AS_INTARRAYREF_SLOW(dilation).vec(),
                      C10_AS_INTARRAYREF_SLOW(output_padding).vec()};
    const auto compute = [=, groups = groups.expect_int()] {
        const at::DisableRecordFunctionGuard unseen;
        run_all(current_stream(device.index()));
        return at::convolution(behind(input), behind(weight), bias && bias->defined() ? std::optional(behind(*bias)) : std::nullopt, sizes.stride,
                               sizes.padding, sizes.dilation, transposed, sizes.output_padding, groups);
    };
    const auto computed = compute();
    auto answer = at::empty_like(computed, computed.options().device(device));
    behind(answer).copy_(computed);
    if (is_recording(device.index())) {
        record(device.index(), [compute, answer] { behind(answer).copy_(compute()); }, {answer});
    }
    return answer;
}

// LibTorch's fallback leaves the indices of a tensor where they are, in lists that TorchScript has made.
void fetch_indices(c10::IValue& argument) {
    const auto is_index = [](const c10::IValue& one) { return one.isNone() || one.isTensor(); };
    if (!argument.isList() || argument.isTensorList() || argument.toListRef().empty() ||
        !std::all_of(argument.toListRef().begin(), argument.toListRef().end(), is_index)) {
        return;
    }
    c10::List<std::optional<at::Tensor>> fetched;
    for (const auto& index : argument.toListRef()) {
        fetched.push_back(index.isTensor() && index.toTensor().defined() ? std::optional(index.toTensor().cpu()) : std::nullopt);
    }
    argument = fetched;
}

void compute(const c10::OperatorHandle& op, torch::jit::Stack* stack) {
    const at::DisableRecordFunctionGuard unseen;  // what the CPU does for the device is none of its user's operators
    for (auto argument = stack->end() - static_cast<int64_t>(op.schema().arguments().size()); argument != stack->end(); ++argument) {
        fetch_indices(*argument);
    }
    at::native::cpu_fallback(op, stack);
}

// The fallback's copies are the kernel's own.
class Unrecorded {
 public:
    explicit Unrecorded(c10::DeviceIndex device) : before_(exchange_stream(default_stream(device))) {}
    ~Unrecorded() { exchange_stream(before_); }

 private:
    c10::Stream before_;
};

// A kernel of a record, once more: what it answers is where it was.
void again(const c10::OperatorHandle& op, const torch::jit::Stack& arguments, const torch::jit::Stack& answers) {
    torch::jit::Stack stack = arguments;
    compute(op, &stack);
    for (size_t i = 0; i < answers.size(); i++) {
        if (answers[i].isTensor() && answers[i].toTensor().defined() && is_ours(answers[i].toTensor())) {
            const auto& place = answers[i].toTensor();
            if (place.const_data_ptr() != stack[i].toTensor().const_data_ptr()) {
                behind(place).copy_(behind(stack[i].toTensor()));
            }
        }
    }
}

// Answers that share no memory with an argument.
std::vector<at::Tensor> made_of(const torch::jit::Stack& arguments, const torch::jit::Stack& answers) {
    std::vector<at::Tensor> made;
    for (const auto& answer : answers) {
        if (answer.isTensor() && answer.toTensor().defined() && is_ours(answer.toTensor())) {
            const auto shared = std::any_of(arguments.begin(), arguments.end(), [&](const c10::IValue& argument) {
                return argument.isTensor() && argument.toTensor().defined() && argument.toTensor().is_alias_of(answer.toTensor());
            });
            if (!shared && answer.toTensor().is_non_overlapping_and_dense()) {
                made.push_back(answer.toTensor());
            }
        }
    }
    return made;
}

void on_the_cpu(const c10::OperatorHandle& op, torch::jit::Stack* stack) {
    c10::DeviceIndex device = current_device();
    for (const auto& argument : torch::jit::last(*stack, op.schema().arguments().size())) {
        if (argument.isTensor() && argument.toTensor().defined() && is_ours(argument.toTensor())) {
            device = argument.toTensor().device().index();
        }
    }
    const c10::DeviceGuard on(c10::Device(c10::kPrivateUse1, device));
    count_kernel(device);
    if (waits(op.schema().name())) {
        refuse_in_record(current_stream(device), "a wait");
    }
    if (!is_recording(device)) {
        compute(op, stack);
        return;
    }
    const auto arguments = torch::jit::last(*stack, op.schema().arguments().size()).vec();
    {
        const Unrecorded out(device);
        compute(op, stack);
    }
    const auto answers = torch::jit::last(*stack, op.schema().returns().size()).vec();
    record(device, [op, arguments, answers] { again(op, arguments, answers); }, made_of(arguments, answers));
}

// Attention by its definition.
int64_t choose_attention(const at::Tensor&, const at::Tensor&, const at::Tensor&, const std::optional<at::Tensor>&, double, bool,
                         std::optional<double>, bool) {
    return 0;
}

TORCH_LIBRARY_IMPL(aten, PrivateUse1, library) {
    library.impl("empty.memory_format", empty);
    library.impl("empty_strided", empty_strided);
    library.impl("_copy_from", copy_from);
    library.impl("_copy_from_and_resize", copy_from_and_resize);
    library.impl("_local_scalar_dense", scalar);
    library.impl("as_strided", as_strided);
    library.impl("view", view);
    library.impl("_reshape_alias", reshape_alias);
    library.impl("unfold", at::native::unfold);
    library.impl("resize_", resize);
    library.impl("set_.source_Storage", set_storage);
    library.impl("set_.source_Storage_storage_offset", set_storage_part);
    library.impl("set_.source_Tensor", set_tensor);
    library.impl("convolution_overrideable", convolution);
}

TORCH_LIBRARY_IMPL(_, PrivateUse1, library) {
    library.fallback(torch::CppFunction::makeFromBoxedFunction<&on_the_cpu>());
}

}  // namespace

}  // namespace testdevice

namespace at::native {
REGISTER_PRIVATEUSE1_DISPATCH(_fused_sdp_choice_stub, &testdevice::choose_attention)
}
