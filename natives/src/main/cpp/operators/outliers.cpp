#include "operators/outliers.h"

#include <algorithm>
#include <cmath>

#include "memory/caching_allocator.h"

namespace cresset::outliers {

namespace {

// How far a weight may stick out of the others of its output, and what a transform's range is.
constexpr double kStickingOut = 1000;
constexpr double kMost = 1e15;
constexpr double kLeast = 1e-15;

bool among(const float* weights, int64_t count) {
    double energy = 0, largest = 0;
    for (int64_t i = 0; i < count; i++) {
        const double size = std::abs(weights[i]);
        if (!(size <= kMost)) {
            return true;
        }
        energy += size * size;
        largest = std::max(largest, size);
    }
    const double others = std::max(0., energy - largest * largest) / static_cast<double>(count);
    const bool sticks_out = others > 0 && largest * largest > kStickingOut * kStickingOut * others;
    return sticks_out || (largest > 0 && largest < kLeast);
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

at::Tensor ByDefinition::weights() {
    std::lock_guard<std::mutex> turn(guard_);
    if (!laid_out_.defined()) {
        const Lasting memory;
        laid_out_ = plain_.to(at::kFloat).permute({2, 3, 1, 0}).contiguous();
    }
    return laid_out_;
}

void ByDefinition::let_go() {
    std::lock_guard<std::mutex> turn(guard_);
    laid_out_.reset();
}

}  // namespace cresset::outliers
