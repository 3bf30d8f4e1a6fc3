// torchvision's operators, from their definition and without its library: detection models that were scripted with
// torchvision 0.28 find them here. What they answer is what torchvision's own CPU kernels answer.
//
// Every kernel checks what it is given, for it is given what a model computed: a bad argument is a c10::Error that
// names the operator, never a read outside a tensor. Where torchvision's behaviour is undefined (a box that is not
// finite, a picture that is not there), ours is an error.
#pragma once

#include <ATen/ATen.h>

#include <initializer_list>
#include <string>
#include <tuple>

namespace cresset::torchvision {

// Gives TorchScript the operators that it does not have yet. Returns their names, for the facts about this engine.
std::string register_operators();

struct Named {
    const char* name;
    const at::Tensor& tensor;
};

// What every kernel asks of its tensors: dense ones on the CPU, all of the first one's type.
void check_tensors(const char* operator_name, std::initializer_list<Named> arguments);

// The kernels, for the CPU: float32 and float64, and all but nms float16, as torchvision's. One for another device
// would stand beside each, and operators.cpp would choose by the device of the first argument.
at::Tensor nms(const at::Tensor& dets, const at::Tensor& scores, double iou_threshold);

// How much boxes of centre, width, height and angle (in degrees) share, each of the first with each of the second.
at::Tensor box_iou_rotated(const at::Tensor& boxes1, const at::Tensor& boxes2);

at::Tensor roi_align(
    const at::Tensor& input, const at::Tensor& rois, double spatial_scale, int64_t pooled_height, int64_t pooled_width,
    int64_t sampling_ratio, bool aligned);

std::tuple<at::Tensor, at::Tensor> ps_roi_align(
    const at::Tensor& input, const at::Tensor& rois, double spatial_scale, int64_t pooled_height, int64_t pooled_width,
    int64_t sampling_ratio);

std::tuple<at::Tensor, at::Tensor> roi_pool(
    const at::Tensor& input, const at::Tensor& rois, double spatial_scale, int64_t pooled_height, int64_t pooled_width);

std::tuple<at::Tensor, at::Tensor> ps_roi_pool(
    const at::Tensor& input, const at::Tensor& rois, double spatial_scale, int64_t pooled_height, int64_t pooled_width);

struct DeformableConvolution {
    int64_t stride_h, stride_w, pad_h, pad_w, dilation_h, dilation_w, groups, offset_groups;
    bool use_mask;
};

at::Tensor deform_conv2d(
    const at::Tensor& input, const at::Tensor& weight, const at::Tensor& offset, const at::Tensor& mask,
    const at::Tensor& bias, const DeformableConvolution& convolution);

}  // namespace cresset::torchvision
