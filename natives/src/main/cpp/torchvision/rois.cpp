#include "torchvision/rois.h"

#include <cmath>
#include <limits>

#include "torchvision/operators.h"

namespace cresset::torchvision {

void check_rois(
    const char* name, const at::Tensor& input, const at::Tensor& rois, int64_t pooled_height, int64_t pooled_width) {
    check_tensors(name, {{"input", input}, {"rois", rois}});
    TORCH_CHECK(
        input.dim() == 4, name, ": input has shape ", input.sizes(), ", expected [pictures, channels, height, width]");
    TORCH_CHECK(
        rois.dim() == 2 && rois.size(1) == 5, name, ": rois have shape ", rois.sizes(), ", expected [regions, 5]");
    constexpr int64_t kLargest = std::numeric_limits<int32_t>::max();
    TORCH_CHECK(
        pooled_height >= 0 && pooled_width >= 0 && pooled_height <= kLargest && pooled_width <= kLargest, name,
        ": the pooled size is ", pooled_height, " x ", pooled_width, ", expected neither to be negative or above 2^31");
}

void check_planes(const char* name, const at::Tensor& input) {
    TORCH_CHECK(
        input.size(2) > 0 && input.size(3) > 0, name, ": input has shape ", input.sizes(),
        ", expected planes that are not empty");
}

int64_t position_sensitive_channels(
    const char* name, const at::Tensor& input, int64_t pooled_height, int64_t pooled_width) {
    int64_t channels = input.size(1);
    TORCH_CHECK(
        pooled_height > 0 && pooled_width > 0 && channels % pooled_height == 0 &&
            channels / pooled_height % pooled_width == 0,
        name, ": input has ", channels, " channels, expected a multiple of the pooled size, ", pooled_height, " x ",
        pooled_width);
    return channels / pooled_height / pooled_width;
}

void map_channels(at::Tensor& channel_mapping) {
    auto* mapping = channel_mapping.mutable_data_ptr<int32_t>();
    int64_t channels = channel_mapping.numel() / channel_mapping.size(0);
    for (int64_t i = 0; i < channel_mapping.numel(); i++) {
        mapping[i] = static_cast<int32_t>(i % channels);
    }
}

Roi checked_roi(const char* name, const double* row, int64_t index, int64_t pictures) {
    // Rounded towards zero, so that whatever is above -1 is the first.
    TORCH_CHECK(
        pictures > 0 && row[0] > -1 && row[0] < static_cast<double>(pictures), name, ": rois[", index,
        "] is in picture ", row[0], ", there are ", pictures);
    Roi roi{static_cast<int64_t>(row[0]), {row[1], row[2], row[3], row[4]}};
    for (double corner : roi.corners) {
        TORCH_CHECK(std::isfinite(corner), name, ": rois[", index, "] has a corner at ", corner);
    }
    return roi;
}

}  // namespace cresset::torchvision
