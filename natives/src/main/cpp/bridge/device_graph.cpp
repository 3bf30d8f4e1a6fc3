#include "bridge/device_graph.h"

#include <c10/util/Exception.h>
#include <dlfcn.h>

#include <atomic>
#include <cstddef>
#include <exception>
#include <utility>

#if __has_include(<ATen/core/GraphImplInterface.h>)
#include <ATen/core/GraphImplInterface.h>
#define CRESSET_HAS_GRAPH_INTERFACE
#endif

namespace cresset {

class DeviceGraph::Impl {
 public:
    virtual ~Impl() = default;
    virtual void begin() = 0;
    virtual void end() = 0;
    virtual void replay() = 0;
};

namespace {

// A record that a device broke off stays under way for LibTorch's allocator, which asks it at each allocation: it must stay, and the
// allocator gives unused memory back to the device no more. It is not risked twice.
std::atomic<bool> broken{false};

#ifdef CRESSET_HAS_GRAPH_INTERFACE

bool has_interface(c10::DeviceType type) { return at::has_graph_impl(type); }

// Through LibTorch's interface for all kinds of devices, where the kind has it.
class Graph : public DeviceGraph::Impl {
 public:
    explicit Graph(c10::DeviceType type) : graph_(at::create_graph_impl(type)) {}

    void begin() override { graph_->capture_begin({0, 0}, at::GraphCaptureMode::ThreadLocal); }
    void end() override { graph_->capture_end(); }
    void replay() override { graph_->replay(); }

 private:
    std::unique_ptr<at::GraphImplInterface> graph_;
};

#else

bool has_interface(c10::DeviceType) { return false; }

#endif

// LibTorch's own class for CUDA, at::cuda::CUDAGraph, which CUDA has not brought to that interface yet: by its functions' names in
// libtorch_cuda, so that neither CUDA's headers nor its libraries are needed where the bridge is built.
class CudaFunctions {
 public:
    static const CudaFunctions& instance() {
        static const auto& functions = *new CudaFunctions;
        return functions;
    }

    bool are_there() const { return make && destroy && begin && end && replay; }

    void (*make)(void*, bool) = nullptr;
    void (*destroy)(void*) = nullptr;
    // The pool's two numbers, in registers as a pair of them is; and the mode.
    void (*begin)(void*, std::pair<unsigned long long, unsigned long long>, int) = nullptr;
    void (*end)(void*) = nullptr;
    void (*replay)(void*) = nullptr;

 private:
    CudaFunctions() {
        void* library = dlopen("libtorch_cuda.so", RTLD_LAZY | RTLD_NOLOAD);
        if (library == nullptr) {
            return;
        }
        find(library, "C1Eb", make);
        find(library, "D1Ev", destroy);
        find(library, "13capture_beginESt4pairIyyE21cudaStreamCaptureMode", begin);
        find(library, "11capture_endEv", end);
        find(library, "6replayEv", replay);
    }

    template <typename Function>
    static void find(void* library, const char* name, Function& function) {
        function = reinterpret_cast<Function>(dlsym(library, (std::string("_ZN2at4cuda9CUDAGraph") + name).c_str()));
    }
};

class CudaGraph : public DeviceGraph::Impl {
 public:
    CudaGraph() { functions_.make(graph_, /* keep_graph= */ false); }
    ~CudaGraph() override { functions_.destroy(graph_); }

    // Only this thread must keep from what cannot be recorded (cudaStreamCaptureModeThreadLocal): others go on loading and computing.
    void begin() override { functions_.begin(graph_, {0, 0}, 1); }
    void end() override { functions_.end(graph_); }
    void replay() override { functions_.replay(graph_); }

 private:
    static constexpr size_t kRoom = 4096;  // LibTorch 2.13's has 344 bytes

    const CudaFunctions& functions_ = CudaFunctions::instance();
    alignas(64) std::byte graph_[kRoom];
};

std::unique_ptr<DeviceGraph::Impl> make(c10::DeviceType type) {
#ifdef CRESSET_HAS_GRAPH_INTERFACE
    if (has_interface(type)) {
        return std::make_unique<Graph>(type);
    }
#endif
    return std::make_unique<CudaGraph>();
}

}  // namespace

DeviceGraph::DeviceGraph() = default;
DeviceGraph::~DeviceGraph() = default;

std::string DeviceGraph::why_not(c10::Device device) {
    if (broken) {
        return "the device broke one off, and this LibTorch must not be asked for another in this process";
    }
    const bool can = has_interface(device.type()) || (device.is_cuda() && CudaFunctions::instance().are_there());
    return can ? "" : "this LibTorch has none for its kind of device";
}

void DeviceGraph::record(c10::Device device, const std::function<void()>& work) {
    auto graph = make(device.type());
    std::exception_ptr failure;
    try {
        graph->begin();
        try {
            work();
        } catch (...) {
            failure = std::current_exception();
        }
        graph->end();
    } catch (...) {
        broken = true;
        static_cast<void>(graph.release());
        // What went wrong first says more.
        std::rethrow_exception(failure ? failure : std::current_exception());
    }
    if (failure) {
        std::rethrow_exception(failure);
    }
    impl_ = std::move(graph);
}

void DeviceGraph::replay() { impl_->replay(); }

}  // namespace cresset
