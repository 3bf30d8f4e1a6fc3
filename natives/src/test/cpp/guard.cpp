// What LibTorch asks a device: the interfaces that CUDA implements, too.
#include <ATen/detail/PrivateUse1HooksInterface.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>

#include "faults.h"
#include "graphs.h"
#include "memory.h"
#include "streams.h"

namespace testdevice {

namespace {

c10::Device device(c10::DeviceIndex index) { return {c10::kPrivateUse1, index}; }

void require(c10::DeviceIndex index) {
    TORCH_CHECK(index >= 0 && index < kDevices, "test device error: invalid device ordinal");
}

struct Event {
    std::shared_ptr<Mark> mark;
};

Event& event_at(void* event) { return *static_cast<Event*>(event); }

class Guard : public c10::impl::DeviceGuardImplInterface {
 public:
    c10::DeviceType type() const override { return c10::kPrivateUse1; }

    c10::Device exchangeDevice(c10::Device next) const override {
        auto before = getDevice();
        setDevice(next);
        return before;
    }

    c10::Device getDevice() const override { return device(current_device()); }

    void setDevice(c10::Device next) const override {
        if (next.has_index()) {
            require(next.index());
            set_current_device(next.index());
        }
    }

    void uncheckedSetDevice(c10::Device next) const noexcept override { set_current_device(next.index()); }

    c10::Stream getStream(c10::Device of) const override { return current_stream(indexed(of)); }
    c10::Stream getDefaultStream(c10::Device of) const override { return default_stream(indexed(of)); }
    c10::Stream getStreamFromGlobalPool(c10::Device of, bool) const override { return pooled_stream(indexed(of)); }
    c10::Stream getNewStream(c10::Device of, int) const override { return pooled_stream(indexed(of)); }
    c10::Stream exchangeStream(c10::Stream next) const override { return exchange_stream(next); }
    c10::DeviceIndex deviceCount() const noexcept override { return kDevices; }

    bool queryStream(const c10::Stream& stream) const override {
        check(stream.device_index());
        refuse_in_record(stream, "a query");
        return is_idle(stream);
    }

    void synchronizeStream(const c10::Stream& stream) const override {
        check(stream.device_index());
        refuse_in_record(stream, "a wait");
        run_all(stream);
    }

    void synchronizeDevice(const c10::DeviceIndex index) const override {
        check(index);
        run_all_of(index);
    }

    void record(void** event, const c10::Stream& stream, const c10::DeviceIndex, const c10::EventFlag) const override {
        check(stream.device_index());
        if (*event == nullptr) {
            *event = new Event;
        }
        event_at(*event).mark = mark(stream);
    }

    void block(void* event, const c10::Stream& stream) const override {
        if (event != nullptr) {
            later(stream, [mark = event_at(event).mark] { run_to(mark); });
        }
    }

    bool queryEvent(void* event) const override { return event == nullptr || is_reached(*event_at(event).mark); }

    void synchronizeEvent(void* event) const override {
        if (event != nullptr) {
            check(current_device());
            run_to(event_at(event).mark);
        }
    }

    double elapsedTime(void* begin, void* end, const c10::DeviceIndex) const override {
        TORCH_CHECK(begin != nullptr && end != nullptr, "an event that was not recorded has no time");
        return milliseconds_between(*event_at(begin).mark, *event_at(end).mark);
    }

    void destroyEvent(void* event, const c10::DeviceIndex) const noexcept override { delete static_cast<Event*>(event); }

    void recordDataPtrOnStream(const c10::DataPtr& data, const c10::Stream& stream) const override {
        device_allocator().recordStream(data, stream);
    }

 private:
    static c10::DeviceIndex indexed(c10::Device of) {
        const auto index = of.has_index() ? of.index() : current_device();
        require(index);
        return index;
    }
};

class Hooks : public at::PrivateUse1HooksInterface {
 public:
    bool isBuilt() const override { return true; }
    bool isAvailable() const override { return true; }
    bool hasPrimaryContext(c10::DeviceIndex) const override { return true; }
    c10::DeviceIndex deviceCount() const override { return kDevices; }
    void setCurrentDevice(c10::DeviceIndex index) const override { set_current_device(index); }
    c10::DeviceIndex getCurrentDevice() const override { return current_device(); }

    c10::DeviceIndex exchangeDevice(c10::DeviceIndex index) const override {
        auto before = current_device();
        set_current_device(index);
        return before;
    }

    c10::DeviceIndex maybeExchangeDevice(c10::DeviceIndex index) const override { return exchangeDevice(index); }
    bool isPinnedPtr(const void* data) const override { return is_pinned(data); }
    c10::Allocator* getPinnedMemoryAllocator() const override { return &pinned_allocator(); }
    c10::Device getDeviceFromPtr(void* data) const override { return device(device_of(data)); }

    void resizePrivateUse1Bytes(const c10::Storage& storage, size_t bytes) const override {
        auto larger = device_allocator().allocate(bytes);
        run_all(current_stream(current_device()));
        const size_t kept = std::min(bytes, storage.nbytes());
        if (kept > 0) {
            device_allocator().copy_data(larger.get(), storage.data(), kept);
        }
        storage.unsafeGetStorageImpl()->set_data_ptr(std::move(larger));
        storage.unsafeGetStorageImpl()->set_nbytes(bytes);
    }
};

const bool registered = [] {
    c10::SetAllocator(c10::kPrivateUse1, &device_allocator());
    at::RegisterPrivateUse1HooksInterface(new Hooks);
    return true;
}();

C10_REGISTER_GUARD_IMPL(PrivateUse1, Guard)

}  // namespace

}  // namespace testdevice
