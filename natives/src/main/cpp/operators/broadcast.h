// How tensors of several shapes and strides are read together.
#pragma once

#include <ATen/core/Tensor.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <utility>

namespace cresset {

constexpr int kMostDimensions = 8, kMostViews = 56;

struct Shape {
    int rank = 0;
    std::array<int64_t, kMostDimensions> sizes;

    Shape() = default;
    explicit Shape(at::IntArrayRef of) : rank(static_cast<int>(of.size())) { std::copy(of.begin(), of.end(), sizes.begin()); }

    at::IntArrayRef asArray() const { return {sizes.data(), static_cast<size_t>(rank)}; }
    bool operator==(const Shape& other) const { return asArray() == other.asArray(); }
    int64_t numel() const { return c10::multiply_integers(asArray()); }

    // Widens this to what both broadcast to. False where they do not.
    bool broadcast(const Shape& other) {
        if (other.rank > rank) {
            Shape wider = other;
            return wider.broadcast(*this) && (*this = wider, true);
        }
        for (int i = 0; i < other.rank; i++) {
            int64_t& mine = sizes[rank - other.rank + i];
            const int64_t its = other.sizes[i];
            if (mine == 1) {
                mine = its;
            } else if (its != 1 && its != mine) {
                return false;
            }
        }
        return true;
    }
};

// Numbers in memory, of a shape of their own.
struct View {
    const char* data = nullptr;
    bool is_bool = false;
    bool is_contiguous = false;
    Shape shape;
    std::array<int64_t, kMostDimensions> strides;
};

// Views that are read together, in the order in which the result lies in memory; dimensions that go on in all of them are one.
class Walk {
 public:
    Walk(const Shape& out, const View* views, int64_t count) : count_(count) {
        bool plain = true;
        for (int64_t v = 0; v < count; v++) {
            const View& view = views[v];
            const int missing = out.rank - view.shape.rank;
            for (int d = 0; d < out.rank; d++) {
                strides_[v][d] = d < missing || view.shape.sizes[d - missing] == 1 ? 0 : view.strides[d - missing];
            }
            plain = plain && view.is_contiguous;
        }
        for (int d = 0; d < out.rank; d++) {
            order_[d] = d;
        }
        if (!plain) {
            arrange(out);
        }
        int64_t step = 1;
        for (int d = out.rank - 1; d >= 0; d--) {
            out_strides_[order_[d]] = step;
            step *= std::max<int64_t>(out.sizes[order_[d]], 1);
        }
        is_in_order_ = std::is_sorted(order_.begin(), order_.begin() + out.rank);
        merge(out);
    }

    bool is_in_order() const { return is_in_order_; }
    const int64_t* out_strides() const { return out_strides_.data(); }

    // Whether a view is read number by number as the result is written.
    bool is_flat(int64_t v) const { return are_flat_[v]; }
    bool is_one_number(int64_t v) const { return rank_ == 0 || (rank_ == 1 && strides_[v][0] == 0); }

    // Numbers of a block, in memory of the view's or copied.
    float* read(const View& view, int64_t v, int64_t start, int64_t size, float* buffer) const {
        std::array<int64_t, kMostDimensions> at;
        int64_t offset = 0;
        for (int d = rank_ - 1; d >= 0; d--) {
            at[d] = start % sizes_[d];
            start /= sizes_[d];
            offset += at[d] * strides_[v][d];
        }
        const int last = rank_ - 1;
        const int64_t step = strides_[v][last], length = sizes_[last];
        const float* numbers = reinterpret_cast<const float*>(view.data);
        if (!view.is_bool && step == 1 && size <= length - at[last]) {
            return const_cast<float*>(numbers) + offset;
        }
        for (float* to = buffer;;) {
            const int64_t run = std::min(length - at[last], size);
            if (view.is_bool) {
                const bool* flags = reinterpret_cast<const bool*>(view.data) + offset;
                auto* masks = reinterpret_cast<int32_t*>(to);
                for (int64_t i = 0; i < run; i++) {
                    masks[i] = -static_cast<int32_t>(flags[i * step]);
                }
            } else if (step == 1) {
                std::memcpy(to, numbers + offset, run * sizeof(float));
            } else if (step == 0) {
                std::fill_n(to, run, numbers[offset]);
            } else {
                for (int64_t i = 0; i < run; i++) {
                    to[i] = numbers[offset + i * step];
                }
            }
            to += run;
            size -= run;
            if (size == 0) {
                return buffer;
            }
            offset -= at[last] * step;
            at[last] = 0;
            for (int d = last - 1; d >= 0; d--) {
                offset += strides_[v][d];
                if (++at[d] < sizes_[d]) {
                    break;
                }
                offset -= sizes_[d] * strides_[v][d];
                at[d] = 0;
            }
        }
    }

 private:
    // Dimensions as TensorIterator puts them: those of large steps first, where the views say so.
    void arrange(const Shape& out) {
        const auto compared = [&](int a, int b) {  // of dimensions, a before b
            for (int64_t v = 0; v < count_; v++) {
                const int64_t of_a = strides_[v][a], of_b = strides_[v][b];
                if (of_a == 0 || of_b == 0) {
                    continue;
                }
                if (of_a != of_b) {
                    return of_a < of_b ? 1 : -1;
                }
                if (out.sizes[a] < out.sizes[b]) {
                    return 1;
                }
            }
            return 0;
        };
        for (int i = out.rank - 2; i >= 0; i--) {
            int moved = i;
            for (int j = i + 1; j < out.rank; j++) {
                const int found = compared(order_[moved], order_[j]);
                if (found > 0) {
                    std::swap(order_[moved], order_[j]);
                    moved = j;
                } else if (found < 0) {
                    break;
                }
            }
        }
    }

    void merge(const Shape& out) {
        for (int i = 0; i < out.rank; i++) {
            const int d = order_[i];
            if (out.sizes[d] == 1) {
                continue;
            }
            bool goes_on = rank_ > 0;
            for (int64_t v = 0; goes_on && v < count_; v++) {
                goes_on = merged_[v][rank_ - 1] == strides_[v][d] * out.sizes[d];
            }
            if (!goes_on) {
                rank_++;
                sizes_[rank_ - 1] = 1;
            }
            sizes_[rank_ - 1] *= out.sizes[d];
            for (int64_t v = 0; v < count_; v++) {
                merged_[v][rank_ - 1] = strides_[v][d];
            }
        }
        strides_ = merged_;
        for (int64_t v = 0; v < count_; v++) {
            int64_t step = 1;
            are_flat_[v] = true;
            for (int d = rank_ - 1; d >= 0; d--) {
                are_flat_[v] = are_flat_[v] && strides_[v][d] == step;
                step *= sizes_[d];
            }
        }
    }

    int64_t count_;
    int rank_ = 0;
    bool is_in_order_ = true;
    using Strides = std::array<std::array<int64_t, kMostDimensions>, kMostViews>;
    Strides strides_, merged_;
    std::array<bool, kMostViews> are_flat_;
    std::array<int64_t, kMostDimensions> sizes_, out_strides_;
    std::array<int, kMostDimensions> order_;
};

}  // namespace cresset
