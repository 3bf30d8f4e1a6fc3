#include "graphs.h"

#include <ATen/core/GraphImplInterface.h>

#include <cstring>
#include <optional>

#include "faults.h"
#include "memory.h"
#include "streams.h"

namespace testdevice {

namespace {

constexpr int kNothing = 0xDB;
constexpr int32_t kUnsupported = 900;  // as CUDA numbers it

struct Record {
    c10::Stream stream;
    std::vector<std::function<void()>> work;
    std::vector<at::Tensor> made;
    bool is_broken = false;
};

// One at a time.
Record* open = nullptr;

Record* record_of(c10::Stream stream) {
    std::lock_guard<std::recursive_mutex> turn(everything());
    return open != nullptr && open->stream == stream ? open : nullptr;
}

class Graph : public at::GraphImplInterface {
 public:
    explicit Graph(const at::GraphImplArgs&) {}

    ~Graph() override {
        if (record_ && record_->is_broken) {
            misuse("a graph was freed whose record was broken off");
        }
    }

    void capture_begin(at::MempoolId_t, at::GraphCaptureMode mode) override {
        const auto stream = current_stream(current_device());
        TORCH_CHECK(stream.id() != 0, "the default stream is not recorded");
        TORCH_CHECK(mode == at::GraphCaptureMode::ThreadLocal, "other threads would be kept from their work");
        std::lock_guard<std::recursive_mutex> turn(everything());
        TORCH_CHECK(open == nullptr, "another record is open");
        record_ = std::make_unique<Record>(Record{stream, {}, {}});
        open = record_.get();
    }

    void capture_end() override {
        std::lock_guard<std::recursive_mutex> turn(everything());
        open = nullptr;
        if (record_->is_broken) {
            throw c10::AcceleratorError({__func__, __FILE__, __LINE__}, kUnsupported,
                                        "test device error: operation failed due to a previous error during capture");
        }
        for (const auto& tensor : record_->made) {
            std::memset(host(tensor.data_ptr()), kNothing, tensor.nbytes());
        }
    }

    void instantiate() override {}

    void replay() override {
        const auto device = record_->stream.device_index();
        check(device);
        run_all(current_stream(device));
        counters().replays++;
        for (const auto& work : record_->work) {
            work();
        }
    }

    void reset() override { record_.reset(); }
    at::MempoolId_t pool() const override { return {0, 0}; }
    void enable_debug_mode() override {}
    void debug_dump(const std::string&) override {}

 private:
    std::unique_ptr<Record> record_;
};

}  // namespace

bool is_recording(c10::DeviceIndex device) { return record_of(current_stream(device)) != nullptr; }

void record(c10::DeviceIndex device, std::function<void()> work, const std::vector<at::Tensor>& made) {
    auto* record = record_of(current_stream(device));
    record->work.push_back(std::move(work));
    record->made.insert(record->made.end(), made.begin(), made.end());
}

void refuse_in_record(c10::Stream stream, const char* what) {
    if (auto* record = record_of(stream)) {
        record->is_broken = true;
        throw c10::AcceleratorError({__func__, __FILE__, __LINE__}, kUnsupported,
                                    std::string("test device error: operation not permitted when stream is capturing: ") + what);
    }
}

}  // namespace testdevice

namespace at {

REGISTER_GRAPH_IMPL(PRIVATEUSEONE, testdevice::Graph)

}  // namespace at
