// A convolution as a node of a graph: what the pass that replaces convolutions writes and the operator reads.
#pragma once

#include <ATen/core/symbol.h>

#include <cstdint>
#include <tuple>
#include <vector>

namespace cresset::convolution {

// What follows a convolution.
enum class Activation : int64_t { kNone, kRelu, kRelu6, kHardswish, kSilu };

struct Geometry {
    std::vector<int64_t> stride, padding, dilation;
    int64_t groups;

    bool operator<(const Geometry& other) const {
        return std::tie(stride, padding, dilation, groups) <
               std::tie(other.stride, other.padding, other.dilation, other.groups);
    }
};

inline const auto kConvolution = c10::Symbol::fromQualString("cresset::conv2d");
inline const auto kWeight = c10::Symbol::attr("weight");
inline const auto kBias = c10::Symbol::attr("bias");
inline const auto kStride = c10::Symbol::attr("stride");
inline const auto kPadding = c10::Symbol::attr("padding");
inline const auto kDilation = c10::Symbol::attr("dilation");
inline const auto kGroups = c10::Symbol::attr("groups");
inline const auto kActivation = c10::Symbol::attr("activation");

}  // namespace cresset::convolution
