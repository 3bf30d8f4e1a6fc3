// roi_align and ps_roi_align: a region is cut into bins, each bin is sampled on a grid, each sample is interpolated
// between the four pixels around it, and a bin's answer is the mean of its samples.
//
// Samples lie on a grid, so a region has one table of rows and one of columns. The kernel reads several channels at a
// time: what a sample weighs its pixels with is the same for all of them. The order of the sums is torchvision's, so
// that the answers are the same to the bit.
#include <ATen/Dispatch.h>

#include <cmath>
#include <limits>
#include <vector>

#include "torchvision/operators.h"
#include "torchvision/rois.h"

namespace cresset::torchvision {

namespace {

constexpr const char* kRoiAlign = "torchvision::roi_align";
constexpr const char* kPsRoiAlign = "torchvision::ps_roi_align";

// Where a sample lies along one axis: between two pixels, or outside of the plane.
template <typename T>
struct Place {
    int64_t low, high;
    T from_low, from_high;
    bool inside;
};

template <typename T>
Place<T> place_of(T at, int64_t size) {
    // A NaN is outside, too.
    if (!(at >= -1.0 && at <= size)) {
        return {0, 0, T(0), T(0), false};
    }
    if (at <= 0) {
        at = 0;
    }
    auto low = static_cast<int64_t>(at);
    int64_t high = low + 1;
    if (low >= size - 1) {
        high = low = size - 1;
        at = static_cast<T>(low);
    }
    T above = at - static_cast<T>(low);
    return {low, high, above, static_cast<T>(1. - above), true};
}

struct Sampling {
    const char* name;
    double scale;
    int64_t pooled_height, pooled_width, ratio;
    bool aligned, may_be_empty;
};

// One axis of a region: where its bins' samples are, `grid` for each bin.
template <typename T>
struct Axis {
    int64_t grid;
    std::vector<Place<T>> places;

    const Place<T>* bin(int64_t index) const { return places.data() + index * grid; }
};

// Samples of one region along one axis: more than any plane has pixels, and few enough for memory.
constexpr double kMostPlaces = 1 << 20;

int64_t grid_of(const Sampling& sampling, int64_t index, double length, double bin_length, int64_t bins) {
    double grid = sampling.ratio > 0 ? static_cast<double>(sampling.ratio) : std::ceil(bin_length);
    TORCH_CHECK(
        std::abs(grid) * static_cast<double>(bins) <= kMostPlaces, sampling.name, ": rois[", index, "] is ", length,
        " pixels long, and ", bins, " bins would take ", grid, " samples each");
    return static_cast<int64_t>(grid);
}

template <typename T>
Axis<T> axis_of(const Sampling& sampling, int64_t index, T start, T length, int64_t bins, int64_t size) {
    T bin_length = length / static_cast<T>(bins);
    Axis<T> made{grid_of(sampling, index, static_cast<double>(length), static_cast<double>(bin_length), bins), {}};
    if (made.grid > 0) {
        made.places.reserve(made.grid * bins);
        for (int64_t bin = 0; bin < bins; bin++) {
            for (int64_t i = 0; i < made.grid; i++) {
                T at = start + static_cast<T>(bin) * bin_length +
                       static_cast<T>(static_cast<float>(i) + .5f) * bin_length / static_cast<T>(made.grid);
                made.places.push_back(place_of(at, size));
            }
        }
    }
    return made;
}

// How many samples a bin has: as torchvision counts them, less than its int holds.
int64_t samples_of(const Sampling& sampling, int64_t index, int64_t rows, int64_t columns) {
    double samples = static_cast<double>(rows) * static_cast<double>(columns);
    TORCH_CHECK(
        std::abs(samples) * static_cast<double>(sampling.pooled_height) * static_cast<double>(sampling.pooled_width) <=
            std::numeric_limits<int32_t>::max(),
        sampling.name, ": rois[", index, "] would take ", samples,
        " samples a bin, more than 2^31 in all; a sampling ratio above zero takes fewer");
    return rows * columns;
}

template <typename T>
struct Region {
    const T* picture;
    Axis<T> rows, columns;
    int64_t samples;
};

template <typename T>
Region<T> region_of(const Sampling& sampling, const at::Tensor& input, const T* rois, int64_t index) {
    Roi roi = roi_of(sampling.name, rois, index, input.size(0));
    T scale = static_cast<T>(sampling.scale);
    T offset = static_cast<T>(sampling.aligned ? 0.5 : 0.0);
    T ends[4];
    for (int i = 0; i < 4; i++) {
        ends[i] = static_cast<T>(roi.corners[i]) * scale - offset;
    }
    T width = ends[2] - ends[0];
    T height = ends[3] - ends[1];
    TORCH_CHECK(
        std::isfinite(static_cast<double>(width)) && std::isfinite(static_cast<double>(height)), sampling.name,
        ": rois[", index, "] scaled by ", sampling.scale, " is ", width, " x ", height, " pixels");
    if (!sampling.may_be_empty) {
        width = std::max(width, T(1));
        height = std::max(height, T(1));
    }
    auto rows = axis_of(sampling, index, ends[1], height, sampling.pooled_height, input.size(2));
    auto columns = axis_of(sampling, index, ends[0], width, sampling.pooled_width, input.size(3));
    int64_t samples = samples_of(sampling, index, rows.grid, columns.grid);
    const T* picture = input.const_data_ptr<T>() + roi.picture * input.size(1) * input.size(2) * input.size(3);
    return {picture, std::move(rows), std::move(columns), samples};
}

// Sums the samples of a bin, for several channels whose planes lie `stride` apart.
template <typename T, int kChannels>
void sum_bin(
    const Axis<T>& rows, int64_t bin_down, const Axis<T>& columns, int64_t bin_right, const T* planes, int64_t stride,
    int64_t width, bool first_pixel, T* sums) {
    T sum[kChannels];
    std::fill_n(sum, kChannels, T(0));
    for (int64_t i = 0; i < rows.grid; i++) {
        const Place<T>& row = rows.bin(bin_down)[i];
        for (int64_t j = 0; j < columns.grid; j++) {
            const Place<T>& column = columns.bin(bin_right)[j];
            const T* corner = planes;
            if (!(row.inside && column.inside)) {
                // torchvision's roi_align reads the first pixel with no weight: NaN, if that is not finite.
                for (int c = 0; first_pixel && c < kChannels; c++) {
                    sum[c] += T(0) * corner[c * stride];
                }
                continue;
            }
            int64_t at1 = row.low * width + column.low;
            int64_t at2 = row.low * width + column.high;
            int64_t at3 = row.high * width + column.low;
            int64_t at4 = row.high * width + column.high;
            T weight1 = row.from_high * column.from_high;
            T weight2 = row.from_high * column.from_low;
            T weight3 = row.from_low * column.from_high;
            T weight4 = row.from_low * column.from_low;
            for (int c = 0; c < kChannels; c++, corner += stride) {
                sum[c] += weight1 * corner[at1] + weight2 * corner[at2] + weight3 * corner[at3] + weight4 * corner[at4];
            }
        }
    }
    std::copy_n(sum, kChannels, sums);
}

constexpr int kTogether = 8;

// Where an operator reads and writes: bin `b` of channel `c` is made from plane `c * channel + b * bin` of a picture.
struct Layout {
    int64_t channels, bins, channel, bin;
    bool first_pixel;
};

template <typename T>
void align(
    const Sampling& sampling, const Layout& layout, const at::Tensor& input, const at::Tensor& rois,
    at::Tensor& output) {
    int64_t width = input.size(3);
    int64_t plane = input.size(2) * width;
    int64_t stride = layout.channel * plane;
    const T* boxes = rois.const_data_ptr<T>();
    for_rois(rois.size(0), layout.channels * layout.bins * 4, [&](int64_t n) {
        auto found = region_of(sampling, input, boxes, n);
        // An empty grid has a mean of zero for roi_align, and of zero by zero for ps_roi_align.
        T count = static_cast<T>(layout.first_pixel ? std::max<int64_t>(found.samples, 1) : found.samples);
        T* out = output.mutable_data_ptr<T>() + n * layout.channels * layout.bins;
        int64_t together = 0;
        for (int64_t c = 0; c < layout.channels; c += together) {
            together = layout.channels - c < kTogether ? 1 : kTogether;
            auto* sum = together == 1 ? sum_bin<T, 1> : sum_bin<T, kTogether>;
            for (int64_t bin = 0; bin < layout.bins; bin++) {
                T sums[kTogether];
                sum(found.rows, bin / sampling.pooled_width, found.columns, bin % sampling.pooled_width,
                    found.picture + c * stride + bin * layout.bin * plane, stride, width, layout.first_pixel, sums);
                for (int64_t k = 0; k < together; k++) {
                    out[(c + k) * layout.bins + bin] = sums[k] / count;
                }
            }
        }
    });
}

}  // namespace

at::Tensor roi_align(
    const at::Tensor& input, const at::Tensor& rois, double spatial_scale, int64_t pooled_height, int64_t pooled_width,
    int64_t sampling_ratio, bool aligned) {
    Sampling sampling{
        kRoiAlign,
        spatial_scale,
        pooled_height,
        pooled_width,
        sampling_ratio,
        aligned,
        /* may_be_empty= */ aligned};
    check_rois(sampling.name, input, rois, pooled_height, pooled_width);
    auto output = at::empty({rois.size(0), input.size(1), pooled_height, pooled_width}, input.options());
    if (output.numel() == 0) {
        return output;
    }
    check_planes(sampling.name, input);
    AT_DISPATCH_FLOATING_TYPES_AND_HALF(input.scalar_type(), kRoiAlign, [&] {
        Layout layout{
            input.size(1), pooled_height * pooled_width, /* channel= */ 1, /* bin= */ 0, /* first_pixel= */ true};
        align<scalar_t>(sampling, layout, input.contiguous(), rois.contiguous(), output);
    });
    return output;
}

std::tuple<at::Tensor, at::Tensor> ps_roi_align(
    const at::Tensor& input, const at::Tensor& rois, double spatial_scale, int64_t pooled_height, int64_t pooled_width,
    int64_t sampling_ratio) {
    Sampling sampling{
        kPsRoiAlign,
        spatial_scale,
        pooled_height,
        pooled_width,
        sampling_ratio,
        /* aligned= */ true,
        /* may_be_empty= */ true};
    check_rois(sampling.name, input, rois, pooled_height, pooled_width);
    int64_t channels = position_sensitive_channels(sampling.name, input, pooled_height, pooled_width);
    auto output = at::empty({rois.size(0), channels, pooled_height, pooled_width}, input.options());
    auto channel_mapping = at::empty(output.sizes(), input.options().dtype(at::kInt));
    if (output.numel() != 0) {
        check_planes(sampling.name, input);
        map_channels(channel_mapping);
        int64_t bins = pooled_height * pooled_width;
        Layout layout{channels, bins, /* channel= */ bins, /* bin= */ 1, /* first_pixel= */ false};
        AT_DISPATCH_FLOATING_TYPES_AND_HALF(input.scalar_type(), kPsRoiAlign, [&] {
            align<scalar_t>(sampling, layout, input.contiguous(), rois.contiguous(), output);
        });
    }
    return {output, channel_mapping};
}

}  // namespace cresset::torchvision
