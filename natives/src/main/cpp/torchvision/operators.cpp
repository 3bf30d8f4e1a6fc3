#include "torchvision/operators.h"

#include <torch/csrc/jit/runtime/operator.h>

namespace cresset::torchvision {

namespace {

using torch::jit::Stack;

// The arguments of one call, which it takes off the interpreter's stack and replaces by its results.
class Arguments {
 public:
    Arguments(Stack& stack, size_t count) : stack_(stack), count_(count), next_(stack.size() - count) {}

    // The dispatcher, which would have done it, does not stand between: a tensor's sign may still be to come.
    at::Tensor tensor() { return stack_[next_++].toTensor().resolve_neg(); }
    double number() { return stack_[next_++].toDouble(); }
    int64_t integer() { return stack_[next_++].toInt(); }
    bool flag() { return stack_[next_++].toBool(); }

    void answer(at::Tensor result) {
        torch::jit::drop(stack_, count_);
        stack_.emplace_back(std::move(result));
    }

    void answer(std::tuple<at::Tensor, at::Tensor> results) {
        torch::jit::drop(stack_, count_);
        stack_.emplace_back(std::get<0>(std::move(results)));
        stack_.emplace_back(std::get<1>(std::move(results)));
    }

 private:
    Stack& stack_;
    size_t count_;
    size_t next_;
};

void call_nms(Stack& stack) {
    Arguments arguments(stack, 3);
    auto dets = arguments.tensor();
    auto scores = arguments.tensor();
    arguments.answer(nms(dets, scores, arguments.number()));
}

void call_box_iou_rotated(Stack& stack) {
    Arguments arguments(stack, 2);
    auto boxes1 = arguments.tensor();
    arguments.answer(box_iou_rotated(boxes1, arguments.tensor()));
}

void call_roi_align(Stack& stack) {
    Arguments arguments(stack, 7);
    auto input = arguments.tensor();
    auto rois = arguments.tensor();
    double scale = arguments.number();
    int64_t height = arguments.integer();
    int64_t width = arguments.integer();
    int64_t sampling_ratio = arguments.integer();
    arguments.answer(roi_align(input, rois, scale, height, width, sampling_ratio, arguments.flag()));
}

void call_ps_roi_align(Stack& stack) {
    Arguments arguments(stack, 6);
    auto input = arguments.tensor();
    auto rois = arguments.tensor();
    double scale = arguments.number();
    int64_t height = arguments.integer();
    int64_t width = arguments.integer();
    arguments.answer(ps_roi_align(input, rois, scale, height, width, arguments.integer()));
}

using Pool = std::tuple<at::Tensor, at::Tensor> (*)(const at::Tensor&, const at::Tensor&, double, int64_t, int64_t);

template <Pool pool>
void call_pool(Stack& stack) {
    Arguments arguments(stack, 5);
    auto input = arguments.tensor();
    auto rois = arguments.tensor();
    double scale = arguments.number();
    int64_t height = arguments.integer();
    arguments.answer(pool(input, rois, scale, height, arguments.integer()));
}

void call_deform_conv2d(Stack& stack) {
    Arguments arguments(stack, 14);
    auto input = arguments.tensor();
    auto weight = arguments.tensor();
    auto offset = arguments.tensor();
    auto mask = arguments.tensor();
    auto bias = arguments.tensor();
    DeformableConvolution convolution{};
    for (auto* size :
         {&convolution.stride_h, &convolution.stride_w, &convolution.pad_h, &convolution.pad_w, &convolution.dilation_h,
          &convolution.dilation_w, &convolution.groups, &convolution.offset_groups}) {
        *size = arguments.integer();
    }
    convolution.use_mask = arguments.flag();
    arguments.answer(deform_conv2d(input, weight, offset, mask, bias, convolution));
}

struct Operator {
    const char* name;
    const char* arguments;
    void (*call)(Stack&);
};

const Operator kOperators[] = {
    {"nms", "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor", call_nms},
    {"box_iou_rotated", "(Tensor boxes1, Tensor boxes2) -> Tensor", call_box_iou_rotated},
    {"roi_align",
     "(Tensor input, Tensor rois, float spatial_scale, SymInt pooled_height, SymInt pooled_width, int sampling_ratio, "
     "bool aligned) -> Tensor",
     call_roi_align},
    {"roi_pool",
     "(Tensor input, Tensor rois, float spatial_scale, SymInt pooled_height, SymInt pooled_width) -> (Tensor, Tensor)",
     call_pool<roi_pool>},
    {"ps_roi_align",
     "(Tensor input, Tensor rois, float spatial_scale, SymInt pooled_height, SymInt pooled_width, int sampling_ratio) "
     "-> (Tensor, Tensor)",
     call_ps_roi_align},
    {"ps_roi_pool",
     "(Tensor input, Tensor rois, float spatial_scale, SymInt pooled_height, SymInt pooled_width) -> (Tensor, Tensor)",
     call_pool<ps_roi_pool>},
    {"deform_conv2d",
     "(Tensor input, Tensor weight, Tensor offset, Tensor mask, Tensor bias, SymInt stride_h, SymInt stride_w, "
     "SymInt pad_h, SymInt pad_w, SymInt dilation_h, SymInt dilation_w, SymInt groups, SymInt offset_groups, "
     "bool use_mask) -> Tensor",
     call_deform_conv2d},
};

}  // namespace

void check_tensors(const char* operator_name, std::initializer_list<Named> arguments) {
    const Named& first = *arguments.begin();
    for (const auto& one : arguments) {
        TORCH_CHECK(
            one.tensor.device().is_cpu() && one.tensor.layout() == at::kStrided, operator_name, ": ", one.name, " is ",
            one.tensor.layout(), " on ", one.tensor.device(), ", there is a kernel for dense tensors on the CPU only");
        TORCH_CHECK(
            one.tensor.scalar_type() == first.tensor.scalar_type(), operator_name, ": ", one.name, " is ",
            one.tensor.scalar_type(), " and ", first.name, " is ", first.tensor.scalar_type(),
            ", expected the same type");
    }
}

// As operators of TorchScript's own, not of the dispatcher: the dispatcher refuses a second definition of a name, so
// that torchvision's library, loaded later, would end the process. TorchScript keeps both, and the first one answers.
std::string register_operators() {
    std::string names;
    for (const auto& one : kOperators) {
        std::string name = std::string("torchvision::") + one.name;
        if (torch::jit::getAllOperatorsFor(c10::Symbol::fromQualString(name)).empty()) {
            torch::jit::registerOperator(
                torch::jit::Operator(
                    name + one.arguments, torch::jit::Operation(one.call), c10::AliasAnalysisKind::FROM_SCHEMA));
            names += (names.empty() ? "" : ", ") + std::string(one.name);
        }
    }
    return names.empty() ? "those of a library loaded before" : names;
}

}  // namespace cresset::torchvision
