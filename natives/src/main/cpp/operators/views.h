// Views of tensors, several steps at once: what LibTorch makes a tensor of after each step is here sizes and strides until the last.
#pragma once

#include <ATen/core/symbol.h>

#include <cstdint>

namespace cresset {

namespace nodes {

// A view, and the size of one in a dimension. Their inputs are a tensor and numbers that are not known before.
inline const auto kViews = c10::Symbol::fromQualString("cresset::views");
inline const auto kViewSize = c10::Symbol::fromQualString("cresset::view_size");

// What their steps are, in kSteps: of each the number of a ViewStep, how many numbers it has, and of each of these the number of a
// ViewNumber and the number itself, or which input has it, all of them, or is as large. A step's numbers are its operator's in their order; of a part
// they are the dimension, how many parts there are, which this is, and what the operator was given.
enum class ViewStep : int64_t {
    kReshape,
    kView,
    kFlatten,
    kUnflatten,
    kTranspose,
    kPermute,
    kUnsqueeze,
    kSqueeze,
    kSelect,
    kSlice,
    kExpand,
    kUnbind,
    kChunk,
    kSplit
};
enum class ViewNumber : int64_t { kKnown, kInput, kInputs, kSizes };

}  // namespace nodes

// Makes the operators known. Called once.
void register_views();

}  // namespace cresset
