#include "kept_memory.h"

#include <c10/core/CPUAllocator.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <mutex>
#include <new>
#include <unordered_map>
#include <utility>
#include <vector>

namespace cresset {

namespace {

// Smaller blocks are malloc's affair: it keeps them, and those of one thread in the caches of that thread's core.
constexpr size_t kLarge = 4 << 20;
constexpr size_t kMostKept = 512 << 20;

// A result may be held for long: it should not hold a much larger block.
constexpr size_t kMostRoom = 2;

// Blocks are not divided: there are more of them than would be in use at once.
constexpr size_t kSlack = 2;

// Few other blocks begin at such an address, so that whoever frees one need not ask whether it is one of these.
constexpr size_t kAlignment = 2 << 20;

thread_local int calls = 0;

class Keeper {
 public:
    // Or null, if the system has none.
    void* take(size_t size) {
        std::lock_guard<std::mutex> turn(guard_);
        auto best = kept_.end();
        for (auto block = kept_.begin(); block != kept_.end(); ++block) {
            const bool fits = block->size >= size && block->size <= kMostRoom * size;
            if (fits && (best == kept_.end() || block->size <= best->size)) {
                best = block;
            }
        }
        if (best == kept_.end()) {
            return make(size);
        }
        void* memory = best->memory;
        use(memory, best->size);
        kept_size_ -= best->size;
        kept_.erase(best);
        return memory;
    }

    // Whether it is one of these.
    bool let_go(void* memory) {
        std::lock_guard<std::mutex> turn(guard_);
        const auto found = in_use_.find(memory);
        if (found == in_use_.end()) {
            return false;
        }
        const size_t size = found->second;
        in_use_.erase(found);
        used_size_ -= size;
        if (kept_size_ + size > kMostKept) {
            std::free(memory);
        } else {
            kept_.push_back({memory, size});
            kept_size_ += size;
        }
        return true;
    }

    void give_back() {
        std::lock_guard<std::mutex> turn(guard_);
        free_until(0);
        most_used_ = used_size_;
    }

 private:
    struct Block {
        void* memory;
        size_t size;
    };

    void* make(size_t size) {
        const size_t used = used_size_ + size;
        free_until(kSlack * std::max(most_used_, used) - used);
        // Who lets go cannot be told that there is no memory for it: the room for all blocks is made here.
        kept_.reserve(kept_.size() + in_use_.size() + 1);
        void* memory = nullptr;
        if (posix_memalign(&memory, kAlignment, size) != 0) {
            free_until(0);
            if (posix_memalign(&memory, kAlignment, size) != 0) {
                return nullptr;
            }
        }
        try {
            use(memory, size);
        } catch (const std::bad_alloc&) {
            std::free(memory);
            throw;
        }
        most_used_ = std::max(most_used_, used_size_);
        return memory;
    }

    void use(void* memory, size_t size) {
        in_use_[memory] = size;
        used_size_ += size;
    }

    // No more than so many bytes are kept; what was let go of first, goes first.
    void free_until(size_t size) {
        auto block = kept_.begin();
        for (; kept_size_ > size; ++block) {
            std::free(block->memory);
            kept_size_ -= block->size;
        }
        kept_.erase(kept_.begin(), block);
    }

    std::mutex guard_;
    std::unordered_map<void*, size_t> in_use_;
    std::vector<Block> kept_;  // in the order in which they were let go of
    size_t used_size_ = 0;
    size_t most_used_ = 0;
    size_t kept_size_ = 0;
};

// Never destroyed: threads may still be here when the process ends.
Keeper& keeper() {
    static auto& all = *new Keeper;
    return all;
}

// Also of what is not one of these, for those who have let go of all but the address.
void let_go(void* memory) {
    if (memory == nullptr) {
        return;
    }
    const bool may_be_kept = reinterpret_cast<uintptr_t>(memory) % kAlignment == 0;
    if (!may_be_kept || !keeper().let_go(memory)) {
        c10::GetDefaultCPUAllocator()->raw_deallocate(memory);
    }
}

class KeepingAllocator : public c10::Allocator {
 public:
    // Hot path.
    c10::DataPtr allocate(size_t size) override {
        void* memory = size >= kLarge && calls > 0 ? keeper().take(size) : nullptr;
        if (memory == nullptr) {
            return default_->allocate(size);  // which says so, if there is none
        }
        return {memory, memory, &let_go, c10::Device(c10::DeviceType::CPU)};
    }

    c10::DeleterFnPtr raw_deleter() const override { return &let_go; }

    void copy_data(void* to, const void* from, size_t count) const override { default_copy_data(to, from, count); }

 private:
    c10::Allocator* default_ = c10::GetDefaultCPUAllocator();
};

}  // namespace

void keep_memory() {
    static auto* allocator = new KeepingAllocator;  // never destroyed, either
    c10::SetCPUAllocator(allocator);
}

void give_memory_back() { keeper().give_back(); }

OfACall::OfACall() { calls++; }
OfACall::~OfACall() { calls--; }

Lasting::Lasting() : calls_(std::exchange(calls, 0)) {}
Lasting::~Lasting() { calls = calls_; }

}  // namespace cresset
