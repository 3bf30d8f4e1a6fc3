// A convolution whose samples are moved: by offsets of their own for each place in the output, and weighed by a mask.
// Like other convolutions it is a matrix product, of the weights and of columns with a row for each input channel and
// each element of the weight. All channels of an offset group sample at the same points, which are computed once.
#include <ATen/Dispatch.h>
#include <ATen/Parallel.h>
#include <ATen/ops/mm.h>

#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "torchvision/operators.h"

namespace cresset::torchvision {

namespace {

constexpr const char* kName = "torchvision::deform_conv2d";

// What the arguments' shapes come to, checked.
struct Sizes {
    int64_t pictures, channels, height, width;
    int64_t out_channels, weight_height, weight_width;
    int64_t out_height, out_width;

    int64_t weight_elements() const { return weight_height * weight_width; }
    int64_t places() const { return out_height * out_width; }
};

int64_t positions(int64_t size, int64_t weight, int64_t stride, int64_t pad, int64_t dilation) {
    int64_t room = size + 2 * pad - (dilation * (weight - 1) + 1);
    return room < 0 ? 0 : room / stride + 1;
}

void check_shape(const char* argument, const at::Tensor& tensor, at::IntArrayRef expected) {
    TORCH_CHECK(
        tensor.sizes() == expected, kName, ": ", argument, " has shape ", tensor.sizes(), ", expected ", expected);
}

void check_size(const char* argument, int64_t value, int64_t least) {
    TORCH_CHECK(
        value >= least && value <= std::numeric_limits<int32_t>::max(), kName, ": ", argument, " is ", value,
        ", expected at least ", least, " and less than 2^31");
}

Sizes check(
    const at::Tensor& input, const at::Tensor& weight, const at::Tensor& offset, const at::Tensor& mask,
    const at::Tensor& bias, const DeformableConvolution& convolution) {
    // Where there is no mask, torchvision's own code gives some tensor of zeros.
    check_tensors(
        kName, {{"input", input},
                {"weight", weight},
                {"offset", offset},
                {"mask", convolution.use_mask ? mask : input},
                {"bias", bias}});
    TORCH_CHECK(
        input.dim() == 4, kName, ": input has shape ", input.sizes(), ", expected [pictures, channels, height, width]");
    TORCH_CHECK(
        weight.dim() == 4, kName, ": weight has shape ", weight.sizes(),
        ", expected [channels out, channels in a group, height, width]");
    for (int dimension : {2, 3}) {
        check_size("a size of input", input.size(dimension), 0);
        check_size("a size of weight", weight.size(dimension), 1);
    }
    check_size("the number of weight's elements", weight.size(2) * weight.size(3), 1);
    check_size("stride_h", convolution.stride_h, 1);
    check_size("stride_w", convolution.stride_w, 1);
    check_size("pad_h", convolution.pad_h, 0);
    check_size("pad_w", convolution.pad_w, 0);
    check_size("dilation_h", convolution.dilation_h, 1);
    check_size("dilation_w", convolution.dilation_w, 1);
    check_size("groups", convolution.groups, 1);
    check_size("offset_groups", convolution.offset_groups, 1);
    Sizes sizes{
        input.size(0),
        input.size(1),
        input.size(2),
        input.size(3),
        weight.size(0),
        weight.size(2),
        weight.size(3),
        positions(input.size(2), weight.size(2), convolution.stride_h, convolution.pad_h, convolution.dilation_h),
        positions(input.size(3), weight.size(3), convolution.stride_w, convolution.pad_w, convolution.dilation_w)};
    TORCH_CHECK(
        sizes.channels % convolution.groups == 0 && weight.size(1) == sizes.channels / convolution.groups &&
            sizes.out_channels % convolution.groups == 0,
        kName, ": weight has shape ", weight.sizes(), ", which does not fit input's ", sizes.channels, " channels in ",
        convolution.groups, " groups");
    TORCH_CHECK(
        sizes.channels % convolution.offset_groups == 0, kName, ": input has ", sizes.channels,
        " channels, expected a multiple of offset_groups, ", convolution.offset_groups);
    TORCH_CHECK(
        sizes.out_height > 0 && sizes.out_width > 0, kName, ": a weight of ", sizes.weight_height, " x ",
        sizes.weight_width, " does not fit into planes of ", sizes.height, " x ", sizes.width, ", padded by ",
        convolution.pad_h, " and ", convolution.pad_w);
    int64_t samples = convolution.offset_groups * sizes.weight_elements();
    check_shape("offset", offset, {sizes.pictures, 2 * samples, sizes.out_height, sizes.out_width});
    if (convolution.use_mask) {
        check_shape("mask", mask, {sizes.pictures, samples, sizes.out_height, sizes.out_width});
    }
    TORCH_CHECK(
        bias.numel() == sizes.out_channels, kName, ": bias has shape ", bias.sizes(), ", expected [",
        sizes.out_channels, "]");
    return sizes;
}

// Where a sample lies in a plane: the pixel above and to the left, which of the four around it are there, what they
// weigh.
template <typename T>
struct Point {
    int64_t at;
    std::array<bool, 4> there;
    bool all;
    T weights[4];
    T mask;
};

template <typename T>
Point<T> point_of(T y, T x, T mask, int64_t height, int64_t width) {
    Point<T> made{0, {}, false, {T(0), T(0), T(0), T(0)}, mask};
    // Asked this way round, a NaN is outside: a float16 that is infinite may lead to one.
    if (!(y > -1 && y < height && x > -1 && x < width)) {
        return made;
    }
    auto top = static_cast<int64_t>(std::floor(static_cast<double>(y)));
    auto left = static_cast<int64_t>(std::floor(static_cast<double>(x)));
    bool has_bottom = top + 1 < height;
    bool has_right = left + 1 < width;
    T from_top = y - static_cast<T>(top);
    T from_left = x - static_cast<T>(left);
    T from_bottom = static_cast<T>(1 - from_top);
    T from_right = static_cast<T>(1 - from_left);
    made.at = top * width + left;
    made.there = {top >= 0 && left >= 0, top >= 0 && has_right, has_bottom && left >= 0, has_bottom && has_right};
    made.all = made.there[0] && made.there[3];
    made.weights[0] = from_bottom * from_right;
    made.weights[1] = from_bottom * from_left;
    made.weights[2] = from_top * from_right;
    made.weights[3] = from_top * from_left;
    return made;
}

template <typename T>
T sample(const Point<T>& point, const T* plane, int64_t width) {
    T values[4];
    if (point.all) {
        const T* pixel = plane + point.at;
        values[0] = pixel[0];
        values[1] = pixel[1];
        values[2] = pixel[width];
        values[3] = pixel[width + 1];
    } else {
        values[0] = point.there[0] ? plane[point.at] : T(0);
        values[1] = point.there[1] ? plane[point.at + 1] : T(0);
        values[2] = point.there[2] ? plane[point.at + width] : T(0);
        values[3] = point.there[3] ? plane[point.at + width + 1] : T(0);
    }
    return point.mask * (point.weights[0] * values[0] + point.weights[1] * values[1] + point.weights[2] * values[2] +
                         point.weights[3] * values[3]);
}

// The columns of one picture: [channels, weight elements, places].
template <typename T>
class Columns {
 public:
    Columns(
        const Sizes& sizes, const DeformableConvolution& convolution, const T* input, const T* offset, const T* mask, T* columns)
        : sizes_(sizes),
          convolution_(convolution),
          input_(input),
          offset_(offset),
          mask_(mask),
          columns_(columns) {}

    void fill() const {
        int64_t chunks = (sizes_.places() + kChunk - 1) / kChunk;
        int64_t rows = convolution_.offset_groups * sizes_.weight_elements();
        int64_t work = kChunk * (sizes_.channels / convolution_.offset_groups);
        at::parallel_for(
            0, rows * chunks, std::max<int64_t>(1, at::internal::GRAIN_SIZE / std::max<int64_t>(1, work)),
            [&](int64_t begin, int64_t end) {
                std::vector<Point<T>> points;
                points.reserve(kChunk);
                for (int64_t i = begin; i < end; i++) {
                    int64_t first = i % chunks * kChunk;
                    fill(i / chunks, first, std::min(first + kChunk, sizes_.places()), points);
                }
            });
    }

 private:
    // Points that are computed at once and stay in the nearest cache.
    static constexpr int64_t kChunk = 256;

    // Some places of a row: of one element of the weight, for all channels of one offset group.
    void fill(int64_t row, int64_t begin, int64_t end, std::vector<Point<T>>& points) const {
        int64_t places = sizes_.places();
        int64_t element = row % sizes_.weight_elements();
        int64_t down = element / sizes_.weight_width * convolution_.dilation_h - convolution_.pad_h;
        int64_t right = element % sizes_.weight_width * convolution_.dilation_w - convolution_.pad_w;
        points.clear();
        for (int64_t place = begin; place < end; place++) {
            T dy = offset_[2 * row * places + place];
            T dx = offset_[(2 * row + 1) * places + place];
            TORCH_CHECK(dy == dy && dx == dx, kName, ": offset has a value that is not a number");
            T y = static_cast<T>(place / sizes_.out_width * convolution_.stride_h + down) + dy;
            T x = static_cast<T>(place % sizes_.out_width * convolution_.stride_w + right) + dx;
            points.push_back(
                point_of(y, x, mask_ == nullptr ? T(1) : mask_[row * places + place], sizes_.height, sizes_.width));
        }
        int64_t channels = sizes_.channels / convolution_.offset_groups;
        int64_t first_channel = row / sizes_.weight_elements() * channels;
        for (int64_t c = first_channel; c < first_channel + channels; c++) {
            const T* plane = input_ + c * sizes_.height * sizes_.width;
            T* column = columns_ + (c * sizes_.weight_elements() + element) * places + begin;
            for (const auto& one : points) {
                *column++ = sample(one, plane, sizes_.width);
            }
        }
    }

    const Sizes& sizes_;
    const DeformableConvolution& convolution_;
    const T* input_;
    const T* offset_;
    const T* mask_;
    T* columns_;
};

}  // namespace

at::Tensor deform_conv2d(
    const at::Tensor& input_given, const at::Tensor& weight, const at::Tensor& offset_given,
    const at::Tensor& mask_given, const at::Tensor& bias, const DeformableConvolution& convolution) {
    Sizes sizes = check(input_given, weight, offset_given, mask_given, bias, convolution);
    auto output =
        at::empty({sizes.pictures, sizes.out_channels, sizes.out_height, sizes.out_width}, input_given.options());
    if (output.numel() == 0) {
        return output;
    }
    auto input = input_given.contiguous();
    auto offset = offset_given.contiguous();
    auto mask = convolution.use_mask ? mask_given.contiguous() : at::Tensor();
    int64_t groups = convolution.groups;
    int64_t rows = sizes.channels / groups * sizes.weight_elements();
    auto weights = weight.reshape({groups, sizes.out_channels / groups, rows});
    auto products = output.view({sizes.pictures, groups, sizes.out_channels / groups, sizes.places()});
    auto columns = at::empty({groups, rows, sizes.places()}, input.options());
    for (int64_t picture = 0; picture < sizes.pictures; picture++) {
        AT_DISPATCH_FLOATING_TYPES_AND_HALF(input.scalar_type(), kName, [&] {
            Columns<scalar_t>(
                sizes, convolution, input[picture].const_data_ptr<scalar_t>(),
                offset[picture].const_data_ptr<scalar_t>(),
                convolution.use_mask ? mask[picture].const_data_ptr<scalar_t>() : nullptr,
                columns.mutable_data_ptr<scalar_t>())
                .fill();
        });
        for (int64_t group = 0; group < groups; group++) {
            auto product = products[picture][group];
            at::mm_out(product, weights[group], columns[group]);
        }
    }
    return output.add_(bias.reshape({1, sizes.out_channels, 1, 1}));
}

}  // namespace cresset::torchvision
