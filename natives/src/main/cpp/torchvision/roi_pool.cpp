// roi_pool and ps_roi_pool: a region is rounded to whole pixels and cut into bins; a bin's answer is the largest, or
// the mean, of its pixels.
#include <ATen/Dispatch.h>

#include <cfloat>
#include <cmath>
#include <limits>
#include <vector>

#include "torchvision/operators.h"
#include "torchvision/rois.h"

namespace cresset::torchvision {

namespace {

constexpr const char* kRoiPool = "torchvision::roi_pool";
constexpr const char* kPsRoiPool = "torchvision::ps_roi_pool";

struct RoiPooling {
    const char* name;
    double scale;
    int64_t pooled_height, pooled_width;
    // What a region's length has on top of the difference of its ends, and what is cut off a plane's.
    int64_t more, less;
};

// The pixels of one bin along one axis.
struct Interval {
    int64_t begin, end;

    int64_t length() const { return end - begin; }
};

// A region's pixels along one axis: one at least, wherever it ends.
struct Span {
    int64_t start, length;
};

Span span_of(const RoiPooling& pooling, int64_t index, double low, double high) {
    double first = std::round(low);
    double last = std::round(high);
    constexpr double kLargest = std::numeric_limits<int32_t>::max();
    TORCH_CHECK(
        std::abs(first) <= kLargest && std::abs(last) <= kLargest, pooling.name, ": rois[", index, "] reaches from ",
        first, " to ", last, ", expected less than 2^31 pixels from the first one");
    auto start = static_cast<int64_t>(first);
    return {start, std::max<int64_t>(static_cast<int64_t>(last) - start + pooling.more, 1)};
}

template <typename T>
std::vector<Interval> intervals_of(const RoiPooling& pooling, Span span, int64_t bins, int64_t size) {
    T bin = static_cast<T>(span.length) / static_cast<T>(bins);
    // No bin ends beyond this; a float16, which may be infinite by here, would.
    double most = static_cast<double>(span.length) + 1;
    auto clipped = [&](T at) {
        double whole = static_cast<double>(at);
        auto pixel = whole >= 0 ? static_cast<int64_t>(std::min(whole, most)) : 0;
        return std::min(std::max<int64_t>(pixel + span.start, 0), size - pooling.less);
    };
    std::vector<Interval> made;
    made.reserve(bins);
    for (int64_t i = 0; i < bins; i++) {
        made.push_back(
            {clipped(static_cast<T>(std::floor(static_cast<T>(i) * bin))),
             clipped(static_cast<T>(std::ceil(static_cast<T>(i + 1) * bin)))});
    }
    return made;
}

template <typename T>
struct Region {
    const T* picture;
    std::vector<Interval> rows, columns;
};

template <typename T>
Region<T> region_of(const RoiPooling& pooling, const at::Tensor& input, const T* rois, int64_t index) {
    Roi roi = roi_of(pooling.name, rois, index, input.size(0));
    T scale = static_cast<T>(pooling.scale);
    double ends[4];
    for (int i = 0; i < 4; i++) {
        ends[i] = static_cast<double>(static_cast<T>(roi.corners[i]) * scale);
    }
    return {
        input.const_data_ptr<T>() + roi.picture * input.size(1) * input.size(2) * input.size(3),
        intervals_of<T>(pooling, span_of(pooling, index, ends[1], ends[3]), pooling.pooled_height, input.size(2)),
        intervals_of<T>(pooling, span_of(pooling, index, ends[0], ends[2]), pooling.pooled_width, input.size(3))};
}

template <typename T>
void largest(const T* plane, int64_t width, Interval rows, Interval columns, T& out, int32_t& out_at) {
    bool empty = rows.length() <= 0 || columns.length() <= 0;
    // A NaN is not larger than anything, so that a bin of nothing else has no largest pixel.
    T best = empty ? T(0) : static_cast<T>(-FLT_MAX);
    int64_t best_at = -1;
    for (int64_t row = rows.begin; row < rows.end; row++) {
        for (int64_t at = row * width + columns.begin; at < row * width + columns.end; at++) {
            if (plane[at] > best) {
                best = plane[at];
                best_at = at;
            }
        }
    }
    out = best;
    out_at = static_cast<int32_t>(best_at);
}

template <typename T>
T mean(const T* plane, int64_t width, Interval rows, Interval columns) {
    if (rows.length() <= 0 || columns.length() <= 0) {
        return T(0);
    }
    T sum = 0;
    for (int64_t row = rows.begin; row < rows.end; row++) {
        for (int64_t at = row * width + columns.begin; at < row * width + columns.end; at++) {
            sum += plane[at];
        }
    }
    return sum / static_cast<T>(rows.length() * columns.length());
}

}  // namespace

std::tuple<at::Tensor, at::Tensor> roi_pool(
    const at::Tensor& input_given, const at::Tensor& rois_given, double spatial_scale, int64_t pooled_height,
    int64_t pooled_width) {
    RoiPooling pooling{kRoiPool, spatial_scale, pooled_height, pooled_width, /* more= */ 1, /* less= */ 0};
    check_rois(pooling.name, input_given, rois_given, pooled_height, pooled_width);
    int64_t channels = input_given.size(1);
    auto output = at::empty({rois_given.size(0), channels, pooled_height, pooled_width}, input_given.options());
    auto argmax = at::empty(output.sizes(), input_given.options().dtype(at::kInt));
    if (output.numel() == 0) {
        return {output, argmax};
    }
    check_planes(pooling.name, input_given);
    auto input = input_given.contiguous();
    auto rois = rois_given.contiguous();
    int64_t width = input.size(3);
    int64_t plane = input.size(2) * width;
    int64_t bins = pooled_height * pooled_width;
    AT_DISPATCH_FLOATING_TYPES_AND_HALF(input.scalar_type(), kRoiPool, [&] {
        const auto* boxes = rois.const_data_ptr<scalar_t>();
        auto* out = output.mutable_data_ptr<scalar_t>();
        auto* out_at = argmax.mutable_data_ptr<int32_t>();
        for_rois(rois.size(0), channels * bins * 4, [&](int64_t n) {
            auto found = region_of(pooling, input, boxes, n);
            int64_t at = n * channels * bins;
            for (int64_t c = 0; c < channels; c++) {
                for (const auto& rows : found.rows) {
                    for (const auto& columns : found.columns) {
                        largest(found.picture + c * plane, width, rows, columns, out[at], out_at[at]);
                        at++;
                    }
                }
            }
        });
    });
    return {output, argmax};
}

std::tuple<at::Tensor, at::Tensor> ps_roi_pool(
    const at::Tensor& input_given, const at::Tensor& rois_given, double spatial_scale, int64_t pooled_height,
    int64_t pooled_width) {
    RoiPooling pooling{kPsRoiPool, spatial_scale, pooled_height, pooled_width, /* more= */ 0, /* less= */ 1};
    check_rois(pooling.name, input_given, rois_given, pooled_height, pooled_width);
    int64_t out_channels = position_sensitive_channels(pooling.name, input_given, pooled_height, pooled_width);
    auto output = at::empty({rois_given.size(0), out_channels, pooled_height, pooled_width}, input_given.options());
    auto channel_mapping = at::empty(output.sizes(), input_given.options().dtype(at::kInt));
    if (output.numel() == 0) {
        return {output, channel_mapping};
    }
    check_planes(pooling.name, input_given);
    auto input = input_given.contiguous();
    auto rois = rois_given.contiguous();
    int64_t channels = input.size(1);
    int64_t width = input.size(3);
    int64_t plane = input.size(2) * width;
    map_channels(channel_mapping);
    AT_DISPATCH_FLOATING_TYPES_AND_HALF(input.scalar_type(), kPsRoiPool, [&] {
        const auto* boxes = rois.const_data_ptr<scalar_t>();
        auto* out = output.mutable_data_ptr<scalar_t>();
        for_rois(rois.size(0), channels * 4, [&](int64_t n) {
            auto found = region_of(pooling, input, boxes, n);
            int64_t c = 0;
            for (int64_t out_channel = 0; out_channel < out_channels; out_channel++) {
                for (const auto& rows : found.rows) {
                    for (const auto& columns : found.columns) {
                        out[n * channels + c] = mean(found.picture + c * plane, width, rows, columns);
                        c++;
                    }
                }
            }
        });
    });
    return {output, channel_mapping};
}

}  // namespace cresset::torchvision
