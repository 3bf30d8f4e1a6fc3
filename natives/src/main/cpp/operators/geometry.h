// How the windows of a convolution lie on its image.
#pragma once

#include <cstdint>
#include <tuple>
#include <vector>

namespace cresset::convolution {

struct Geometry {
    std::vector<int64_t> stride, padding, dilation;
    int64_t groups;
    std::vector<int64_t> padding_after;  // below and at the right of the image, where `padding` is above and at the left

    bool is_symmetric() const { return padding == padding_after; }

    bool operator<(const Geometry& other) const {
        return std::tie(stride, padding, dilation, groups, padding_after) <
               std::tie(other.stride, other.padding, other.dilation, other.groups, other.padding_after);
    }
};

inline int64_t out_size(int64_t in, int64_t kernel, const Geometry& g, int axis) {
    const int64_t reach = g.dilation[axis] * (kernel - 1) + 1;
    const int64_t padded = in + g.padding[axis] + g.padding_after[axis];
    return padded < reach ? 0 : (padded - reach) / g.stride[axis] + 1;
}

}  // namespace cresset::convolution
