// Regions of interest: a table [K, 5] with the number of a picture and a box's corners (x1, y1, x2, y2) in each row.
#pragma once

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

namespace cresset::torchvision {

// What all four operators over regions ask of their arguments, but for the regions' values.
void check_rois(
    const char* name, const at::Tensor& input, const at::Tensor& rois, int64_t pooled_height, int64_t pooled_width);

// Asked for once it is known that there is something to compute.
void check_planes(const char* name, const at::Tensor& input);

// How many channels an operator that is sensitive to positions makes of the input's: each bin of each of them has an
// input channel of its own.
int64_t position_sensitive_channels(
    const char* name, const at::Tensor& input, int64_t pooled_height, int64_t pooled_width);

// The input channel of each bin, in order.
void map_channels(at::Tensor& channel_mapping);

// One row of the table, checked: the picture is there, and the corners are finite.
struct Roi {
    int64_t picture;
    double corners[4];
};

Roi checked_roi(const char* name, const double* row, int64_t index, int64_t pictures);

template <typename T>
Roi roi_of(const char* name, const T* rois, int64_t index, int64_t pictures) {
    double row[5];
    std::copy_n(rois + index * 5, 5, row);
    return checked_roi(name, row, index, pictures);
}

// Does this for the regions of each thread, where each region has this many samples.
template <typename Work>
void for_rois(int64_t rois, int64_t samples, Work work) {
    int64_t grain = std::max<int64_t>(1, at::internal::GRAIN_SIZE / std::max<int64_t>(1, samples));
    at::parallel_for(0, rois, grain, [&](int64_t begin, int64_t end) {
        for (int64_t index = begin; index < end; index++) {
            work(index);
        }
    });
}

}  // namespace cresset::torchvision
