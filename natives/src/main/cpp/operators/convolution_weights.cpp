#include "operators/convolution_weights.h"

#include <ATen/ops/mkldnn_reorder_conv2d_weight.h>

#include <map>
#include <vector>

#include "memory/caching_allocator.h"
#include "operators/separable.h"
#include "operators/stem.h"

namespace cresset::convolution {

namespace {

struct Known {
    std::mutex guard;
    std::map<std::pair<const void*, Geometry>, std::weak_ptr<Weights>> all;
};

// Never destroyed: threads may still be here when the process ends.
Known& known() {
    static auto& weights = *new Known;
    return weights;
}

}  // namespace

std::shared_ptr<Weights> Weights::of(const at::Tensor& plain, Geometry geometry) {
    std::lock_guard<std::mutex> turn(known().guard);
    auto& all = known().all;
    for (auto entry = all.begin(); entry != all.end();) {
        entry = entry->second.expired() ? all.erase(entry) : std::next(entry);
    }
    // The tensor is the entry's while there is one, so that no other can be in its place.
    auto& entry = all[{plain.unsafeGetTensorImpl(), geometry}];
    auto weights = entry.lock();
    if (weights == nullptr) {
        weights = std::make_shared<Weights>(plain, std::move(geometry));
        entry = weights;
    }
    return weights;
}

void Weights::let_go_of_rare() {
    std::lock_guard<std::mutex> turn(known().guard);
    for (const auto& entry : known().all) {
        if (const auto weights = entry.second.lock()) {
            weights->by_definition_.let_go();
        }
    }
}

const at::Tensor& Weights::laid_out(const at::Tensor& image, Way& way) {
    std::call_once(laid_out_once_, [&] {
        const Lasting memory;
        way_ = way_for(image);
        laid_out_ = laid_out_for(way_, image);
    });
    way = way_;
    return laid_out_;
}

winograd::Sizes Weights::sizes_of(const at::Tensor& image) const {
    const auto& padding = geometry_.padding;
    return {image.size(0),
            image.size(2),
            image.size(3),
            image.size(1),
            plain_.size(0),
            padding[0],
            padding[1],
            geometry_.stride[0],
            plain_.scalar_type() == at::kBFloat16};
}

Way Weights::way_for(const at::Tensor& image) const {
    if (pointwise::takes(plain_, geometry_)) {
        return Way::kPointwise;
    }
    if (depthwise::takes(plain_, geometry_)) {
        return Way::kDepthwise;
    }
    if (stem::takes(plain_, geometry_)) {
        return Way::kStem;
    }
    const std::vector<int64_t> one{1, 1}, two{2, 2};
    const bool may_tile = plain_.size(2) == 3 && plain_.size(3) == 3 && geometry_.groups == 1 && geometry_.dilation == one &&
                          (geometry_.stride == one || geometry_.stride == two) && !outliers::among(plain_);
    switch (may_tile ? winograd::tile_for(sizes_of(image)) : 0) {
        case 2:
            return Way::kTilesOf2;
        case 4:
            return Way::kTilesOf4;
        default:
            return Way::kOneDnn;
    }
}

at::Tensor Weights::laid_out_for(Way way, const at::Tensor& image) const {
    switch (way) {
        case Way::kPointwise:
            return pointwise::laid_out(plain_);
        case Way::kDepthwise:
            return depthwise::laid_out(plain_);
        case Way::kStem:
            return stem::laid_out(plain_);
        case Way::kTilesOf2:
            return winograd::laid_out(plain_, 2, geometry_.stride[0]);
        case Way::kTilesOf4:
            return winograd::laid_out(plain_, 4, geometry_.stride[0]);
        default:
            return at::mkldnn_reorder_conv2d_weight(plain_.to_mkldnn(), geometry_.padding, geometry_.stride, geometry_.dilation,
                                                    geometry_.groups, image.sizes());
    }
}

}  // namespace cresset::convolution
