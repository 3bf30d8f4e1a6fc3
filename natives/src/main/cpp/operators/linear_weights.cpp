#include "operators/linear_weights.h"

#include "memory/caching_allocator.h"
#include "operators/pointwise.h"
#include "operators/shared_weights.h"

namespace cresset {

std::shared_ptr<LinearWeights> LinearWeights::of(const at::Tensor& plain) {
    // Never destroyed: threads may still be here when the process ends.
    static auto& known = *new SharedWeights<const void*, LinearWeights>;
    return known.of(plain.unsafeGetTensorImpl(), [&] { return std::make_shared<LinearWeights>(plain); });
}

const float* LinearWeights::packed() {
    std::call_once(packed_once_, [&] {
        const NoCachingGuard memory;
        packed_ = pointwise::pack(plain_);
    });
    return packed_.const_data_ptr<float>();
}

}  // namespace cresset
