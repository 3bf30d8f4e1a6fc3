// Scratch memory for what is in the works.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <mutex>
#include <new>
#include <vector>

namespace cresset {

// Room for tiles in the works, kept for the next who needs some: fresh memory is mapped page by page, which takes as long as the
// transforms. There is as much of it as threads have ever worked at once.
class Scratch {
 public:
    // What transformed tiles and their sums may take. The more tiles at once, the fewer times weights are read; but what is in
    // the works should be in the cache.
    static constexpr int64_t kMaxFloats = 768 * 1024;

    explicit Scratch(int64_t floats) {
        {
            std::lock_guard<std::mutex> turn(guard());
            if (floats <= kMaxFloats && !kept().empty()) {
                memory_ = std::move(kept().back());
                kept().pop_back();
            }
        }
        if (memory_ == nullptr) {
            keep_ = floats <= kMaxFloats;
            memory_.reset(static_cast<float*>(::operator new(std::max(floats, kMaxFloats) * sizeof(float), kAlignment)));
        }
    }
    ~Scratch() {
        if (keep_) {
            std::lock_guard<std::mutex> turn(guard());
            kept().push_back(std::move(memory_));
        }
    }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;

    float* get() const { return memory_.get(); }

 private:
    static constexpr std::align_val_t kAlignment{64};
    struct Free {
        void operator()(float* memory) const { ::operator delete(memory, kAlignment); }
    };
    using Memory = std::unique_ptr<float, Free>;

    // Never destroyed: threads may still be here when the process ends.
    static std::mutex& guard() {
        static auto& mutex = *new std::mutex;
        return mutex;
    }
    static std::vector<Memory>& kept() {
        static auto& all = *new std::vector<Memory>;
        return all;
    }

    Memory memory_;
    bool keep_ = true;
};

}  // namespace cresset
