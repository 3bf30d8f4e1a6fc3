// What NVIDIA's driver says by itself, without LibTorch: it may be there or not.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>

namespace cresset {

class CudaDriver {
 public:
    static const CudaDriver& instance();

    bool is_there() const { return library_ != nullptr; }

    // Why it has no devices, or nothing.
    std::string why_none() const;

    // What of a device's memory is free, and all of it, where this process has nothing there: LibTorch's way to ask makes a context, which
    // takes half a gigabyte there for as long as the process lives. This one does not stay. Nothing where that fails.
    std::optional<std::pair<size_t, size_t>> memory_of(int index) const;

    std::string name_of(int index) const;

 private:
    CudaDriver();

    void* function_at(const char* name) const;

    template <typename Signature>
    Signature* function(const char* name) const {
        return reinterpret_cast<Signature*>(function_at(name));
    }

    void* library_;
};

}  // namespace cresset
