#include <ATen/Dispatch.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "torchvision/operators.h"

namespace cresset::torchvision {

namespace {

constexpr const char* kName = "torchvision::nms";

// Comparisons with a NaN are false, and which operand is left then is part of the answer.
template <typename T>
T larger(T a, T b) {
    return a < b ? b : a;
}

template <typename T>
T smaller(T a, T b) {
    return b < a ? b : a;
}

// The boxes that are kept so far: coordinate by coordinate, and in whole blocks, so that a block is compared at once.
template <typename T>
class Kept {
 public:
    explicit Kept(double threshold) : threshold_(static_cast<T>(threshold)) {
        // The largest T that is not above the threshold: an overlap is above the one when it is above the other.
        if (static_cast<double>(threshold_) > threshold) {
            threshold_ = std::nextafter(threshold_, -std::numeric_limits<T>::infinity());
        }
    }

    void add(T x1, T y1, T x2, T y2, T area) {
        size_t lane = count_++ % kLanes;
        if (lane == 0) {
            blocks_.emplace_back();
            // A lane without a box has a NaN for its area, and so for its overlap: not above anything.
            std::fill_n(blocks_.back().area, kLanes, std::numeric_limits<T>::quiet_NaN());
        }
        auto& block = blocks_.back();
        block.x1[lane] = x1;
        block.y1[lane] = y1;
        block.x2[lane] = x2;
        block.y2[lane] = y2;
        block.area[lane] = area;
    }

    // Whether this box overlaps a kept one by more than the threshold.
    bool overlap(T x1, T y1, T x2, T y2, T area) const {
        for (const auto& block : blocks_) {
            T shared[kLanes];
            int touching = 0;
            for (size_t i = 0; i < kLanes; i++) {
                T width = larger(T(0), smaller(block.x2[i], x2) - larger(block.x1[i], x1));
                T height = larger(T(0), smaller(block.y2[i], y2) - larger(block.y1[i], y1));
                shared[i] = width * height;
                touching |= shared[i] > 0;
            }
            // Boxes that do not touch overlap by nothing, which is above a negative threshold alone.
            if (!touching && threshold_ >= 0) {
                continue;
            }
            int above = 0;
            for (size_t i = 0; i < kLanes; i++) {
                above |= shared[i] / (block.area[i] + area - shared[i]) > threshold_;
            }
            if (above) {
                return true;
            }
        }
        return false;
    }

 private:
    static constexpr size_t kLanes = 64 / sizeof(T);

    struct Block {
        T x1[kLanes], y1[kLanes], x2[kLanes], y2[kLanes], area[kLanes];
    };

    T threshold_;
    size_t count_ = 0;
    std::vector<Block> blocks_;
};

// A box stays unless one that stays has a better score and overlaps it too much.
template <typename T>
at::Tensor suppress(const at::Tensor& dets, const at::Tensor& scores, double threshold) {
    auto boxes_tensor = dets.contiguous();
    auto order_tensor = std::get<1>(scores.sort(/*stable=*/true, /*dim=*/0, /*descending=*/true));
    const T* boxes = boxes_tensor.template const_data_ptr<T>();
    const int64_t* order = order_tensor.template const_data_ptr<int64_t>();
    Kept<T> kept(threshold);
    std::vector<int64_t> stays;
    for (int64_t i = 0; i < dets.size(0); i++) {
        const T* box = boxes + order[i] * 4;
        T area = (box[2] - box[0]) * (box[3] - box[1]);
        if (!kept.overlap(box[0], box[1], box[2], box[3], area)) {
            kept.add(box[0], box[1], box[2], box[3], area);
            stays.push_back(order[i]);
        }
    }
    auto result = at::empty({static_cast<int64_t>(stays.size())}, order_tensor.options());
    std::copy(stays.begin(), stays.end(), result.template mutable_data_ptr<int64_t>());
    return result;
}

}  // namespace

at::Tensor nms(const at::Tensor& dets, const at::Tensor& scores, double iou_threshold) {
    check_tensors(kName, {{"dets", dets}, {"scores", scores}});
    TORCH_CHECK(
        dets.dim() == 2 && dets.size(1) == 4, kName, ": dets have shape ", dets.sizes(), ", expected [boxes, 4]");
    TORCH_CHECK(
        scores.dim() == 1 && scores.size(0) == dets.size(0), kName, ": scores have shape ", scores.sizes(),
        ", expected [", dets.size(0), "], one for each box");
    at::Tensor result;
    AT_DISPATCH_FLOATING_TYPES(
        dets.scalar_type(), kName, [&] { result = suppress<scalar_t>(dets, scores, iou_threshold); });
    return result;
}

}  // namespace cresset::torchvision
