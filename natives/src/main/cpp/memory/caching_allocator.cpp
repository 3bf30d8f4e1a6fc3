#include "memory/caching_allocator.h"

#include <c10/core/CPUAllocator.h>

#include <sys/mman.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <mutex>
#include <new>
#include <unordered_map>
#include <utility>
#include <vector>

namespace cresset {

namespace {

// Smaller blocks are malloc's affair: it keeps them, and those of one thread in the caches of that thread's core. From here on glibc, too,
// maps blocks for themselves at first, but after it has freed one, it makes others up to that size in its heaps.
constexpr size_t kLarge = 128 << 10;
constexpr size_t kMostKept = 512 << 20;

// A result may be held for long: it should not hold a much larger block.
constexpr size_t kMostRoom = 2;

// Blocks are not divided: there are more of them than would be in use at once. Four times as much is needed for a network of one image, whose
// sizes differ most from layer to layer; for batches that would be too much to hold, and less is enough.
constexpr size_t kMostSpare = 64 << 20;

// All of these begin at such an address and few others do, for malloc's begin with a header: whoever frees one need not ask whether it is one
// of these.
constexpr size_t kPage = 4096;

thread_local int calls = 0;

// In no heap: what is freed goes back to the system, whatever small block was made beside it since and stays. Or null.
void* map(size_t size) {
    void* memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return memory == MAP_FAILED ? nullptr : memory;
}

void unmap(void* memory, size_t size) { munmap(memory, size); }

class Keeper {
 public:
    // Or null, if the system has none.
    void* take(size_t wanted) {
        const size_t size = (wanted + kPage - 1) / kPage * kPage;
        std::lock_guard<std::mutex> turn(guard_);
        // What was let go of last is most likely still in the processor's caches.
        const auto block = std::find_if(kept_.rbegin(), kept_.rend(), [size](const Block& one) {
            return one.size >= size && one.size <= kMostRoom * size;
        });
        if (block == kept_.rend()) {
            return make(size);
        }
        void* memory = block->memory;
        use(memory, block->size);
        kept_size_ -= block->size;
        kept_.erase(std::next(block).base());
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
            unmap(memory, size);
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
        const size_t most = std::max(most_used_, used);
        free_until(2 * most + std::min(2 * most, kMostSpare) - used);
        // Who lets go cannot be told that there is no memory for it: the room for all blocks is made here.
        kept_.reserve(kept_.size() + in_use_.size() + 1);
        void* memory = map(size);
        if (memory == nullptr) {
            free_until(0);
            memory = map(size);
        }
        if (memory == nullptr) {
            return nullptr;
        }
        try {
            use(memory, size);
        } catch (const std::bad_alloc&) {
            unmap(memory, size);
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
            unmap(block->memory, block->size);
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
    const bool may_be_kept = reinterpret_cast<uintptr_t>(memory) % kPage == 0;
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
