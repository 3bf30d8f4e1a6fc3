#include "memory.h"

#include <c10/util/Exception.h>

#include <sys/mman.h>

#include <array>
#include <cstring>
#include <map>
#include <sstream>
#include <unordered_map>
#include <vector>

#include "faults.h"
#include "streams.h"

namespace testdevice {

namespace {

constexpr size_t kSpan = size_t(8) << 30;  // addresses, not memory
constexpr size_t kAlignment = 256;
constexpr size_t kUsualLimit = size_t(2) << 30;
constexpr int kUnwritten = 0xDE;
constexpr int kFreed = 0xDF;

char* reserve(int protection) {
    void* range = mmap(nullptr, kDevices * kSpan, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    TORCH_CHECK(range != MAP_FAILED, "the test device found no addresses");
    return static_cast<char*>(range);
}

// Nobody reads or writes there.
char* device_base() {
    static char* base = reserve(PROT_NONE);
    return base;
}

char* host_base() {
    static char* base = reserve(PROT_READ | PROT_WRITE);
    return base;
}

struct Block {
    size_t bytes;
    c10::Stream stream;
    std::vector<c10::Stream> also_used_on;
};

// Of one device. First fit, neighbours joined: simple, and the same at every run.
class Heap {
 public:
    explicit Heap(size_t begin) : free_{{begin, kSpan}} {}

    size_t take(size_t bytes) {
        for (auto range = free_.begin(); range != free_.end(); ++range) {
            auto [begin, size] = *range;
            if (size >= bytes) {
                free_.erase(range);
                if (size > bytes) {
                    free_.emplace(begin + bytes, size - bytes);
                }
                used += bytes;
                peak = std::max(peak, used);
                return begin;
            }
        }
        TORCH_CHECK(false, "the test device has no addresses left");
    }

    void give_back(size_t begin, size_t bytes) {
        used -= bytes;
        auto after = free_.lower_bound(begin);
        if (after != free_.end() && begin + bytes == after->first) {
            bytes += after->second;
            after = free_.erase(after);
        }
        if (after != free_.begin()) {
            auto before = std::prev(after);
            if (before->first + before->second == begin) {
                before->second += bytes;
                return;
            }
        }
        free_.emplace(begin, bytes);
    }

    // What was freed is not given back, but for others' needs.
    size_t kept() const { return std::max(used, std::min(peak, limit)); }

    size_t limit = kUsualLimit;
    size_t used = 0;
    size_t peak = 0;

 private:
    std::map<size_t, size_t> free_;
};

Heap& heap(c10::DeviceIndex device) {
    static auto& heaps = *new std::array<Heap, kDevices>{Heap(0), Heap(kSpan)};
    return heaps[device];
}

std::unordered_map<void*, Block>& blocks() {
    static auto& all = *new std::unordered_map<void*, Block>;
    return all;
}

size_t rounded(size_t bytes) { return (bytes + kAlignment - 1) / kAlignment * kAlignment; }

void free_now(void* address, size_t bytes) {
    std::memset(host(address), kFreed, bytes);
    heap(device_of(address)).give_back(static_cast<char*>(address) - device_base(), bytes);
}

// In the order of the stream that it was allocated on, as CUDA's caching allocator does: whoever uses it on another has to say so.
void free_block(void* address) {
    if (address == nullptr) {
        return;
    }
    std::lock_guard<std::recursive_mutex> turn(everything());
    auto found = blocks().find(address);
    auto block = std::move(found->second);
    blocks().erase(found);
    for (auto stream : block.also_used_on) {
        run_all(stream);
    }
    if (is_idle(block.stream)) {
        free_now(address, block.bytes);
    } else {
        later(block.stream, [address, bytes = block.bytes] { free_now(address, bytes); });
    }
}

class DeviceMemory : public c10::DeviceAllocator {
 public:
    c10::DataPtr allocate(size_t wanted) override {
        const auto device = current_device();
        const c10::Device where(c10::kPrivateUse1, device);
        check(device);
        if (wanted == 0) {
            return {nullptr, nullptr, &free_block, where};
        }
        const size_t bytes = rounded(wanted);
        std::lock_guard<std::recursive_mutex> turn(everything());
        auto& memory = heap(device);
        if (memory.used + bytes > memory.limit) {
            run_all_of(device);  // what is freed in a stream
        }
        if (memory.used + bytes > memory.limit) {
            std::ostringstream text;
            text << "test device out of memory. Tried to allocate " << wanted << " bytes. Device " << int(device) << " has " << memory.limit
                 << " bytes, of which " << memory.limit - std::min(memory.limit, memory.used) << " are free.";
            throw c10::OutOfMemoryError({__func__, __FILE__, __LINE__}, text.str());
        }
        char* address = device_base() + memory.take(bytes);
        std::memset(host(address), kUnwritten, bytes);
        blocks().emplace(address, Block{bytes, current_stream(device), {}});
        return {address, address, &free_block, where};
    }

    c10::DeleterFnPtr raw_deleter() const override { return &free_block; }

    void copy_data(void* to, const void* from, size_t count) const override { std::memcpy(host(to), host(from), count); }

    bool initialized() override { return true; }
    void emptyCache(c10::MempoolId_t) override {}

    void recordStream(const c10::DataPtr& data, c10::Stream stream) override {
        std::lock_guard<std::recursive_mutex> turn(everything());
        auto found = blocks().find(data.get());
        if (found != blocks().end()) {
            found->second.also_used_on.push_back(stream);
        }
    }

    c10::CachingDeviceAllocator::DeviceStats getDeviceStats(c10::DeviceIndex device) override {
        std::lock_guard<std::recursive_mutex> turn(everything());
        c10::CachingDeviceAllocator::DeviceStats stats;
        stats.allocated_bytes[0].current = static_cast<int64_t>(heap(device).used);
        stats.allocated_bytes[0].peak = static_cast<int64_t>(heap(device).peak);
        stats.reserved_bytes[0].current = static_cast<int64_t>(heap(device).kept());
        return stats;
    }

    void resetAccumulatedStats(c10::DeviceIndex) override {}

    void resetPeakStats(c10::DeviceIndex device) override { heap(device).peak = heap(device).used; }

    std::pair<size_t, size_t> getMemoryInfo(c10::DeviceIndex device) override {
        check(device);
        std::lock_guard<std::recursive_mutex> turn(everything());
        const auto& memory = heap(device);
        return {memory.limit - memory.kept(), memory.limit};
    }
};

struct Pinned {
    size_t bytes;
    std::vector<c10::DeviceIndex> used_by;
};

// What is page-locked, by where it begins.
std::map<const char*, Pinned>& pinned() {
    static auto& all = *new std::map<const char*, Pinned>;
    return all;
}

void free_pinned(void* address) {
    if (address == nullptr) {
        return;
    }
    std::lock_guard<std::recursive_mutex> turn(everything());
    const auto found = pinned().find(static_cast<char*>(address));
    const size_t bytes = found->second.bytes;
    // As CUDA's: out of what may not throw, and so the end of the process.
    for (const auto device : found->second.used_by) {
        check(device);
    }
    if (is_awaited(address, static_cast<char*>(address) + bytes)) {
        misuse("page-locked memory was freed before a copy from or to it");
        for (c10::DeviceIndex device = 0; device < kDevices; device++) {
            run_all_of(device);
        }
    }
    pinned().erase(found);
    std::memset(address, kFreed, bytes);
    std::free(address);
}

class PinnedMemory : public c10::Allocator {
 public:
    c10::DataPtr allocate(size_t wanted) override {
        const c10::Device where(c10::kCPU);
        if (wanted == 0) {
            return {nullptr, nullptr, &free_pinned, where};
        }
        const size_t bytes = rounded(wanted);
        void* address = std::aligned_alloc(kAlignment, bytes);
        TORCH_CHECK(address != nullptr, "no memory to lock");
        std::memset(address, kUnwritten, bytes);
        std::lock_guard<std::recursive_mutex> turn(everything());
        pinned().emplace(static_cast<char*>(address), Pinned{bytes, {}});
        return {address, address, &free_pinned, where};
    }

    c10::DeleterFnPtr raw_deleter() const override { return &free_pinned; }
    void copy_data(void* to, const void* from, size_t count) const override { default_copy_data(to, from, count); }
};

}  // namespace

void* host(const void* device_address) {
    return host_base() + (static_cast<const char*>(device_address) - device_base());
}

c10::DeviceIndex device_of(const void* address) {
    const auto* byte = static_cast<const char*>(address);
    if (byte < device_base() || byte >= device_base() + kDevices * kSpan) {
        return -1;
    }
    return static_cast<c10::DeviceIndex>((byte - device_base()) / kSpan);
}

c10::DeviceAllocator& device_allocator() {
    static auto& allocator = *new DeviceMemory;
    return allocator;
}

void set_limit(c10::DeviceIndex device, size_t bytes) {
    std::lock_guard<std::recursive_mutex> turn(everything());
    heap(device).limit = bytes;
}

c10::Allocator& pinned_allocator() {
    static auto& allocator = *new PinnedMemory;
    return allocator;
}

bool is_pinned(const void* address) {
    std::lock_guard<std::recursive_mutex> turn(everything());
    const auto* byte = static_cast<const char*>(address);
    auto after = pinned().upper_bound(byte);
    if (after == pinned().begin()) {
        return false;
    }
    const auto& [begin, block] = *std::prev(after);
    return byte < begin + block.bytes;
}

void use_pinned(const void* address, c10::DeviceIndex device) {
    std::lock_guard<std::recursive_mutex> turn(everything());
    const auto found = pinned().find(static_cast<const char*>(address));
    if (found != pinned().end()) {
        found->second.used_by.push_back(device);
    }
}

size_t pinned_bytes() {
    std::lock_guard<std::recursive_mutex> turn(everything());
    size_t sum = 0;
    for (const auto& [begin, block] : pinned()) {
        sum += block.bytes;
    }
    return sum;
}

}  // namespace testdevice
