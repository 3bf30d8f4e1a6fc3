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
constexpr size_t kMinBytes = 128 << 10;
constexpr size_t kMaxCachedBytes = 512 << 20;

// A result may be held for long: it should not hold a block so many times as large.
constexpr size_t kMaxOversize = 2;

// Blocks are not divided: there are more of them than would be in use at once. Four times as much is needed for a network of one image, whose
// sizes differ most from layer to layer; for batches that would be too much to hold, and less is enough.
constexpr size_t kMaxSlackBytes = 64 << 20;

// All of these begin at such an address and few others do, for malloc's begin with a header: whoever frees one need not ask whether it is one
// of these.
constexpr size_t kPageBytes = 4096;

thread_local int guards = 0;

// In no heap: what is freed goes back to the system, whatever small block was made beside it since and stays. Or null.
void* map(size_t size) {
    void* memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return memory == MAP_FAILED ? nullptr : memory;
}

void unmap(void* memory, size_t size) { munmap(memory, size); }

class BlockCache {
 public:
    // Or null, if the system has none.
    void* allocate(size_t wanted) {
        const size_t size = (wanted + kPageBytes - 1) / kPageBytes * kPageBytes;
        std::lock_guard<std::mutex> turn(guard_);
        // What was freed last is most likely still in the processor's caches.
        const auto block = std::find_if(free_.rbegin(), free_.rend(), [size](const Block& one) {
            return one.size >= size && one.size <= kMaxOversize * size;
        });
        if (block == free_.rend()) {
            return allocate_new(size);
        }
        void* memory = block->memory;
        add_used(memory, block->size);
        free_bytes_ -= block->size;
        free_.erase(std::next(block).base());
        return memory;
    }

    // Whether it is one of these.
    bool free(void* memory) {
        std::lock_guard<std::mutex> turn(guard_);
        const auto found = used_.find(memory);
        if (found == used_.end()) {
            return false;
        }
        const size_t size = found->second;
        used_.erase(found);
        used_bytes_ -= size;
        if (free_bytes_ + size > kMaxCachedBytes) {
            unmap(memory, size);
        } else {
            free_.push_back({memory, size});
            free_bytes_ += size;
        }
        return true;
    }

    void clear() {
        std::lock_guard<std::mutex> turn(guard_);
        trim_to(0);
        peak_bytes_ = used_bytes_;
    }

 private:
    struct Block {
        void* memory;
        size_t size;
    };

    void* allocate_new(size_t size) {
        const size_t used = used_bytes_ + size;
        const size_t peak = std::max(peak_bytes_, used);
        trim_to(2 * peak + std::min(2 * peak, kMaxSlackBytes) - used);
        // Who frees a block cannot be told that there is no memory to remember it: the room for all blocks is made here.
        free_.reserve(free_.size() + used_.size() + 1);
        void* memory = map(size);
        if (memory == nullptr) {
            trim_to(0);
            memory = map(size);
        }
        if (memory == nullptr) {
            return nullptr;
        }
        try {
            add_used(memory, size);
        } catch (const std::bad_alloc&) {
            unmap(memory, size);
            throw;
        }
        peak_bytes_ = std::max(peak_bytes_, used_bytes_);
        return memory;
    }

    void add_used(void* memory, size_t size) {
        used_[memory] = size;
        used_bytes_ += size;
    }

    // No more than so many bytes stay; what was freed first, goes first.
    void trim_to(size_t bytes) {
        auto block = free_.begin();
        for (; free_bytes_ > bytes; ++block) {
            unmap(block->memory, block->size);
            free_bytes_ -= block->size;
        }
        free_.erase(free_.begin(), block);
    }

    std::mutex guard_;
    std::unordered_map<void*, size_t> used_;
    std::vector<Block> free_;  // in the order in which they were freed
    size_t used_bytes_ = 0;
    size_t peak_bytes_ = 0;
    size_t free_bytes_ = 0;
};

// Never destroyed: threads may still be here when the process ends.
BlockCache& cache() {
    static auto& blocks = *new BlockCache;
    return blocks;
}

// Also of what is not one of these, for those who have kept nothing but the address.
void free_block(void* memory) {
    if (memory == nullptr) {
        return;
    }
    const bool may_be_cached = reinterpret_cast<uintptr_t>(memory) % kPageBytes == 0;
    if (!may_be_cached || !cache().free(memory)) {
        c10::GetDefaultCPUAllocator()->raw_deallocate(memory);
    }
}

class CachingAllocator : public c10::Allocator {
 public:
    // Hot path.
    c10::DataPtr allocate(size_t size) override {
        void* memory = size >= kMinBytes && guards > 0 ? cache().allocate(size) : nullptr;
        if (memory == nullptr) {
            return default_->allocate(size);  // which says so, if there is none
        }
        return {memory, memory, &free_block, c10::Device(c10::DeviceType::CPU)};
    }

    c10::DeleterFnPtr raw_deleter() const override { return &free_block; }

    void copy_data(void* to, const void* from, size_t count) const override { default_copy_data(to, from, count); }

 private:
    c10::Allocator* default_ = c10::GetDefaultCPUAllocator();
};

}  // namespace

void install_caching_allocator() {
    static auto* allocator = new CachingAllocator;  // never destroyed, either
    c10::SetCPUAllocator(allocator);
}

void empty_cache() { cache().clear(); }

CachingGuard::CachingGuard() { guards++; }
CachingGuard::~CachingGuard() { guards--; }

NoCachingGuard::NoCachingGuard() : guards_(std::exchange(guards, 0)) {}
NoCachingGuard::~NoCachingGuard() { guards = guards_; }

}  // namespace cresset
