// What operators ask of tensors before they read memory.
#pragma once

#include <ATen/core/Tensor.h>
#include <ATen/core/grad_mode.h>

namespace cresset {

// Whether the numbers in memory are the tensor's: on the CPU, in strides, with no sign still to be changed and no zeros that are not
// there.
inline bool is_materialized(const at::Tensor& x) {
    return x.device().is_cpu() && x.layout() == at::kStrided && !x.is_neg() && !x._is_zerotensor();
}

// Whether it is nothing but numbers in memory, which a copy of bytes copies, and no one differentiates.
inline bool is_plain_memory(const at::Tensor& x) {
    return is_materialized(x) && !x.is_conj() && !x.is_quantized() && !(x.requires_grad() && at::GradMode::is_enabled());
}

// Numbers that lie as the tensor counts them.
inline bool is_contiguous_float(const at::Tensor& x) {
    return x.scalar_type() == at::kFloat && is_materialized(x) && x.is_contiguous();
}

// Images of some pixels, in memory.
inline bool is_image(const at::Tensor& x) { return x.dim() == 4 && is_materialized(x) && x.numel() > 0; }

inline bool has_channels_last(const at::Tensor& x) { return x.is_contiguous(at::MemoryFormat::ChannelsLast); }

// Whether nobody else will look at its numbers any more: the interpreter has handed its last reference over, and no view of the memory
// is left.
inline bool is_exclusive(const at::Tensor& x) { return x.use_count() == 1 && x.storage().use_count() == 1; }

// Null for a tensor that is not there.
inline const float* float_data(const at::Tensor& x) { return x.defined() ? x.const_data_ptr<float>() : nullptr; }

}  // namespace cresset
