#include "operators/linear_weights.h"

#include <map>

#include "memory/caching_allocator.h"
#include "operators/pointwise.h"

namespace cresset {

namespace {

struct Known {
    std::mutex guard;
    std::map<const void*, std::weak_ptr<LinearWeights>> all;
};

// Never destroyed: threads may still be here when the process ends.
Known& known() {
    static auto& weights = *new Known;
    return weights;
}

}  // namespace

std::shared_ptr<LinearWeights> LinearWeights::of(const at::Tensor& plain) {
    std::lock_guard<std::mutex> turn(known().guard);
    auto& all = known().all;
    for (auto entry = all.begin(); entry != all.end();) {
        entry = entry->second.expired() ? all.erase(entry) : std::next(entry);
    }
    // The tensor is the entry's while there is one, so that no other can be in its place.
    auto& entry = all[plain.unsafeGetTensorImpl()];
    auto weights = entry.lock();
    if (weights == nullptr) {
        weights = std::make_shared<LinearWeights>(plain);
        entry = weights;
    }
    return weights;
}

const float* LinearWeights::packed() {
    std::call_once(packed_once_, [&] {
        const NoCachingGuard memory;
        packed_ = pointwise::pack(plain_);
    });
    return packed_.const_data_ptr<float>();
}

}  // namespace cresset
