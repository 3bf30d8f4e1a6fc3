#include <ATen/Dispatch.h>

#include <array>
#include <cmath>

#include "torchvision/operators.h"

namespace cresset::torchvision {

namespace {

constexpr const char* kName = "torchvision::box_iou_rotated";
constexpr double kNoArea = 1e-14;

struct Point {
    double x, y;
};

// A convex polygon. Two rectangles have at most eight corners in common.
class Polygon {
 public:
    // The box's corners, counter-clockwise where y goes up; the angle, in degrees, turns it the other way.
    Polygon(Point centre, double width, double height, double degrees) {
        const double radians = degrees * M_PI / 180;
        const double cosine = std::cos(radians) / 2, sine = std::sin(radians) / 2;
        const Point along{cosine * width, -sine * width}, across{sine * height, cosine * height};
        add({centre.x + along.x + across.x, centre.y + along.y + across.y});
        add({centre.x - along.x + across.x, centre.y - along.y + across.y});
        add({centre.x - along.x - across.x, centre.y - along.y - across.y});
        add({centre.x + along.x - across.x, centre.y + along.y - across.y});
    }

    double area() const {
        double twice = 0;
        for (int i = 0; i < size_; i++) {
            const auto &p = at(i), &q = at(i + 1);
            twice += (p.x - corners_[0].x) * (q.y - corners_[0].y) - (q.x - corners_[0].x) * (p.y - corners_[0].y);
        }
        return std::abs(twice) / 2;
    }

    // What is left of it inside the other, side by side (Sutherland and Hodgman, "Reentrant Polygon Clipping", 1974).
    Polygon inside(const Polygon& other) const {
        Polygon left = *this;
        for (int i = 0; i < other.size_; i++) {
            left = left.left_of(other.at(i), other.at(i + 1));
        }
        return left;
    }

 private:
    Polygon() = default;

    const Point& at(int i) const { return corners_[i % size_]; }

    void add(Point corner) {
        if (size_ < static_cast<int>(corners_.size())) {
            corners_[size_++] = corner;
        }
    }

    Polygon left_of(const Point& a, const Point& b) const {
        const auto side = [&](const Point& p) { return (b.x - a.x) * (p.y - a.y) - (b.y - a.y) * (p.x - a.x); };
        Polygon left;
        for (int i = 0; i < size_; i++) {
            const auto &p = at(i), &q = at(i + 1);
            const double of_p = side(p), of_q = side(q);
            if (of_p >= 0) {
                left.add(p);
            }
            if ((of_p > 0 && of_q < 0) || (of_p < 0 && of_q > 0)) {
                const double part = of_p / (of_p - of_q);
                left.add({p.x + part * (q.x - p.x), p.y + part * (q.y - p.y)});
            }
        }
        return left;
    }

    std::array<Point, 16> corners_;  // rounding may add one to the eight
    int size_ = 0;
};

// Boxes are centre, width, height and angle.
template <typename T>
double overlap(const T* a, const T* b) {
    const double area_a = static_cast<double>(a[2]) * a[3], area_b = static_cast<double>(b[2]) * b[3];
    if (!(area_a >= kNoArea && area_b >= kNoArea)) {
        return 0;
    }
    // About their middle, so that boxes far from the origin are as exact as others.
    const double x = (static_cast<double>(a[0]) + b[0]) / 2, y = (static_cast<double>(a[1]) + b[1]) / 2;
    const Polygon one({a[0] - x, a[1] - y}, a[2], a[3], a[4]);
    const Polygon other({b[0] - x, b[1] - y}, b[2], b[3], b[4]);
    const double shared = one.inside(other).area();
    const double share = shared / (area_a + area_b - shared);
    return std::isfinite(share) ? share : 0;
}

}  // namespace

at::Tensor box_iou_rotated(const at::Tensor& boxes1, const at::Tensor& boxes2) {
    check_tensors(kName, {{"boxes1", boxes1}, {"boxes2", boxes2}});
    for (const auto* boxes : {&boxes1, &boxes2}) {
        TORCH_CHECK(boxes->dim() == 2 && boxes->size(1) == 5, kName, ": boxes have the shape ", boxes->sizes(),
                    ", expected [N, 5]");
    }
    const auto a = boxes1.contiguous(), b = boxes2.contiguous();
    auto result = at::empty({a.size(0), b.size(0)}, a.options().dtype(at::kFloat));  // as torchvision, whatever the boxes are
    AT_DISPATCH_FLOATING_TYPES(a.scalar_type(), "box_iou_rotated", [&] {
        const auto* left = a.const_data_ptr<scalar_t>();
        const auto* right = b.const_data_ptr<scalar_t>();
        auto* out = result.mutable_data_ptr<float>();
        for (int64_t i = 0; i < a.size(0); i++) {
            for (int64_t j = 0; j < b.size(0); j++) {
                *out++ = static_cast<float>(overlap(left + 5 * i, right + 5 * j));
            }
        }
    });
    return result;
}

}  // namespace cresset::torchvision
