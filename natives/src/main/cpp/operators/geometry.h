// A convolution as a node of a graph: what the pass that replaces convolutions writes and the operator reads.
#pragma once

#include <ATen/core/symbol.h>

#include <cstdint>
#include <tuple>
#include <vector>

#include "kernels/kernels.h"

namespace cresset::convolution {

struct Geometry {
    std::vector<int64_t> stride, padding, dilation;
    int64_t groups;

    bool operator<(const Geometry& other) const {
        return std::tie(stride, padding, dilation, groups) <
               std::tie(other.stride, other.padding, other.dilation, other.groups);
    }
};

inline int64_t out_size(int64_t in, int64_t kernel, const Geometry& g, int axis) {
    const int64_t reach = g.dilation[axis] * (kernel - 1) + 1;
    return in + 2 * g.padding[axis] < reach ? 0 : (in + 2 * g.padding[axis] - reach) / g.stride[axis] + 1;
}

inline const auto kConvolution = c10::Symbol::fromQualString("cresset::conv2d");
inline const auto kWeight = c10::Symbol::attr("weight");
inline const auto kBias = c10::Symbol::attr("bias");
inline const auto kStride = c10::Symbol::attr("stride");
inline const auto kPadding = c10::Symbol::attr("padding");
inline const auto kDilation = c10::Symbol::attr("dilation");
inline const auto kGroups = c10::Symbol::attr("groups");
inline const auto kActivation = c10::Symbol::attr("activation");

}  // namespace cresset::convolution
