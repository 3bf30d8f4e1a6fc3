// Weights that are packed once, however often code is made of a graph: LibTorch specialises it, and callers have code of their own.
#pragma once

#include <iterator>
#include <map>
#include <memory>
#include <mutex>

namespace cresset {

// By the tensors that they are packed of and all that says how. Used by any number of threads.
template <typename Key, typename Weights>
class SharedWeights {
 public:
    // Those of the key, or the ones that are made now. Whoever holds weights holds the tensors that their key names, so that no other
    // can be in their place.
    template <typename Make>
    std::shared_ptr<Weights> of(const Key& key, Make make) {
        std::lock_guard<std::mutex> turn(guard_);
        for (auto entry = all_.begin(); entry != all_.end();) {
            entry = entry->second.expired() ? all_.erase(entry) : std::next(entry);
        }
        auto& entry = all_[key];
        auto weights = entry.lock();
        if (weights == nullptr) {
            weights = make();
            entry = weights;
        }
        return weights;
    }

    template <typename Use>
    void for_each(Use use) {
        std::lock_guard<std::mutex> turn(guard_);
        for (const auto& entry : all_) {
            if (const auto weights = entry.second.lock()) {
                use(*weights);
            }
        }
    }

 private:
    std::mutex guard_;
    std::map<Key, std::weak_ptr<Weights>> all_;
};

}  // namespace cresset
