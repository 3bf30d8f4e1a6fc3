#include "operators/winograd_outliers.h"

#include <algorithm>
#include <cmath>

#include "memory/caching_allocator.h"

namespace cresset::outliers {

namespace {

// How far a weight may stick out of the others of its output, and what a transform's range is.
constexpr double kMaxRatio = 1000;
constexpr double kMaxWeight = 1e15;
constexpr double kMinWeight = 1e-15;

bool among(const float* weights, int64_t count) {
    double energy = 0, largest = 0;
    for (int64_t i = 0; i < count; i++) {
        const double size = std::abs(weights[i]);
        if (!(size <= kMaxWeight)) {
            return true;
        }
        energy += size * size;
        largest = std::max(largest, size);
    }
    const double others = std::max(0., energy - largest * largest) / static_cast<double>(count);
    const bool sticks_out = others > 0 && largest * largest > kMaxRatio * kMaxRatio * others;
    return sticks_out || (largest > 0 && largest < kMinWeight);
}

}  // namespace

bool among(const at::Tensor& weight) {
    const auto plain = weight.to(at::kFloat).contiguous();
    const int64_t outputs = plain.size(0), count = plain.numel() / outputs;
    for (int64_t k = 0; k < outputs; k++) {
        if (among(plain.const_data_ptr<float>() + k * count, count)) {
            return true;
        }
    }
    return false;
}

at::Tensor ReferenceWeights::packed() {
    std::lock_guard<std::mutex> turn(guard_);
    if (!packed_.defined()) {
        const NoCachingGuard memory;
        packed_ = plain_.to(at::kFloat).permute({2, 3, 1, 0}).contiguous();
    }
    return packed_;
}

void ReferenceWeights::drop() {
    std::lock_guard<std::mutex> turn(guard_);
    packed_.reset();
}

}  // namespace cresset::outliers
