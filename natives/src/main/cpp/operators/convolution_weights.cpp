#include "operators/convolution_weights.h"

#include <ATen/ops/mkldnn_reorder_conv2d_weight.h>

#include <utility>
#include <vector>

#include "memory/caching_allocator.h"
#include "operators/depthwise.h"
#include "operators/pointwise.h"
#include "operators/shared_weights.h"
#include "operators/stem.h"
#include "operators/implicit_gemm.h"

namespace cresset::convolution {

namespace {

// Never destroyed: threads may still be here when the process ends.
auto& known() {
    static auto& weights = *new SharedWeights<std::pair<const void*, Geometry>, Weights>;
    return weights;
}

}  // namespace

std::shared_ptr<Weights> Weights::of(const at::Tensor& plain, Geometry geometry) {
    return known().of({plain.unsafeGetTensorImpl(), geometry}, [&] { return std::make_shared<Weights>(plain, geometry); });
}

void Weights::drop_references() {
    known().for_each([](Weights& weights) { weights.reference_.drop(); });
}

const PackedWeights& Weights::packed(at::IntArrayRef image) {
    std::call_once(packed_once_, [&] {
        const NoCachingGuard memory;
        const auto algorithm = algorithm_for(image);
        packed_ = {algorithm, pack_for(algorithm, image)};
    });
    return packed_;
}

winograd::Sizes Weights::sizes_of(at::IntArrayRef image) const {
    const auto& padding = geometry_.padding;
    return {
        .images = image[0],
        .height = image[2],
        .width = image[3],
        .channels = image[1],
        .outputs = plain_.size(0),
        .padding_y = padding[0],
        .padding_x = padding[1],
        .stride = geometry_.stride[0],
        .bfloat16 = plain_.scalar_type() == at::kBFloat16,
    };
}

Algorithm Weights::algorithm_for(at::IntArrayRef image) const {
    if (implicit_gemm::has_few_outputs(plain_, geometry_)) {
        return Algorithm::kImplicitGemm;
    }
    if (geometry_.is_symmetric() && pointwise::supports(plain_, geometry_)) {
        return Algorithm::kPointwise;
    }
    if (depthwise::supports(plain_, geometry_)) {
        return Algorithm::kDepthwise;
    }
    if (geometry_.is_symmetric() && stem::supports(plain_, geometry_)) {
        return Algorithm::kStem;
    }
    const std::vector<int64_t> one{1, 1}, two{2, 2};
    const bool may_tile = geometry_.is_symmetric() && plain_.size(2) == 3 && plain_.size(3) == 3 && geometry_.groups == 1 && geometry_.dilation == one &&
                          (geometry_.stride == one || geometry_.stride == two) && !outliers::among(plain_);
    switch (may_tile ? winograd::tile_for(sizes_of(image)) : 0) {
        case 2:
            return Algorithm::kWinograd2;
        case 4:
            return Algorithm::kWinograd4;
        default:
            break;
    }
    const bool are_rows = image[2] == 1 && plain_.size(2) == 1;
    // Of a network's first layer, oneDNN's vectors of channels would be mostly empty. It cuts patches well.
    const bool has_few_channels = plain_.size(1) <= 4 && geometry_.groups == 1 && geometry_.stride[1] < plain_.size(3);
    const bool by_windows = are_rows || has_few_channels || !geometry_.is_symmetric();
    return by_windows && implicit_gemm::supports(plain_, geometry_) ? Algorithm::kImplicitGemm : Algorithm::kOneDnn;
}

at::Tensor Weights::pack_for(Algorithm algorithm, at::IntArrayRef image) const {
    switch (algorithm) {
        case Algorithm::kPointwise:
            return pointwise::pack(plain_);
        case Algorithm::kDepthwise:
            return depthwise::pack(plain_);
        case Algorithm::kStem:
            return stem::pack(plain_);
        case Algorithm::kImplicitGemm:
            return implicit_gemm::pack(plain_, geometry_);
        case Algorithm::kWinograd2:
            return winograd::pack(plain_, 2, geometry_.stride[0]);
        case Algorithm::kWinograd4:
            return winograd::pack(plain_, 4, geometry_.stride[0]);
        default:
            return at::mkldnn_reorder_conv2d_weight(plain_.to_mkldnn(), geometry_.padding, geometry_.stride, geometry_.dilation,
                                                    geometry_.groups, image);
    }
}

}  // namespace cresset::convolution
