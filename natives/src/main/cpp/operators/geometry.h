// How the windows of a convolution lie on its image.
#pragma once

#include <cstdint>
#include <tuple>
#include <vector>

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

}  // namespace cresset::convolution
