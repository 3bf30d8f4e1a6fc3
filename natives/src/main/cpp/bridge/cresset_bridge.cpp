#include "bridge/cresset_bridge.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <caffe2/serialize/file_adapter.h>
#include <caffe2/serialize/read_adapter_interface.h>
#include <torch/csrc/jit/codegen/fuser/interface.h>
#include <torch/csrc/jit/serialization/import.h>
#include <torch/version.h>

#if defined(__x86_64__)
#include <cpuid.h>
#elif defined(__aarch64__)
#include <sys/auxv.h>
#endif
#include <malloc.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>

#include "bridge/device_call.h"
#include "bridge/device_transfer.h"
#include "bridge/devices.h"
#include "bridge/streams.h"
#include "bridge/model.h"
#include "bridge/threads.h"
#include "bridge/wire.h"
#include "exported/module.h"
#include "kernels/kernels.h"
#include "memory/caching_allocator.h"
#include "operators/convolution_weights.h"
#include "operators/operators.h"
#include "passes/devices.h"
#include "passes/fusion.h"
#include "torchvision/operators.h"

#ifndef CRESSET_SOURCE_DIGEST
#error "build with build-bridge.sh, which says what the library is built from"
#endif

// The BLAS behind LibTorch, where it is OpenBLAS; another build may have none.
extern "C" void openblas_set_num_threads(int) __attribute__((weak));
extern "C" int openblas_get_num_threads() __attribute__((weak));

namespace cresset {

namespace {

// dev.cresset.torch.Reply knows them by their numbers.
enum Status : int64_t { kOk, kExecution, kOutOfMemory, kRefused, kOutOfDeviceMemory, kDeviceFailed };

// The model's bytes where Java put them.
class Memory : public caffe2::serialize::ReadAdapterInterface {
 public:
    Memory(int64_t address, int64_t size) : data_(reinterpret_cast<const char*>(address)), size_(size) {}

    size_t size() const override { return size_; }

    size_t read(uint64_t position, void* buffer, size_t count, const char*) const override {
        if (position >= size_) {
            return 0;
        }
        count = std::min(count, size_ - static_cast<size_t>(position));
        std::memcpy(buffer, data_ + position, count);
        return count;
    }

 private:
    const char* data_;
    size_t size_;
};

Status status_of(const std::string& message) {
    return message.find("DefaultCPUAllocator") != std::string::npos ? kOutOfMemory : kExecution;
}

int64_t fail(Status status, const char* message, int64_t reply, int64_t capacity) {
    Writer writer;
    writer.word(status);
    writer.text(message);
    return writer.send(reply, capacity);
}

// The one place where what went wrong in C++ becomes a reply.
template <typename Work>
int64_t answer(Writer& writer, int64_t reply, int64_t capacity, Work work) noexcept {
    try {
        writer.clear();
        writer.word(kOk);
        work(writer);
        return writer.send(reply, capacity);
    } catch (const Refused& error) {
        return fail(kRefused, error.what(), reply, capacity);
    } catch (const OutOfDeviceMemory& error) {
        return fail(kOutOfDeviceMemory, error.what(), reply, capacity);
    } catch (const DeviceFailed& error) {
        return fail(kDeviceFailed, error.what(), reply, capacity);
    } catch (const c10::OutOfMemoryError& error) {
        return fail(kOutOfMemory, error.what_without_backtrace(), reply, capacity);
    } catch (const c10::Error& error) {
        return fail(status_of(error.what_without_backtrace()), error.what_without_backtrace(), reply, capacity);
    } catch (const std::bad_alloc&) {
        return fail(kOutOfMemory, "no native memory left", reply, capacity);
    } catch (const std::exception& error) {
        const std::string message = error.what();  // once: some make it anew each time that they are asked
        return fail(status_of(message), message.c_str(), reply, capacity);
    } catch (...) {
        return fail(kExecution, "an exception of unknown type", reply, capacity);
    }
}

template <typename Work>
int64_t answer(int64_t reply, int64_t capacity, Work work) noexcept {
    Writer writer;
    return answer(writer, reply, capacity, work);
}

#if defined(__x86_64__)

// What the CPU calls itself: the three leaves of cpuid that hold its brand.
std::string cpu_name() {
    std::array<unsigned, 12> words{};
    for (unsigned leaf = 0; leaf < 3; leaf++) {
        __get_cpuid(0x80000002 + leaf, &words[4 * leaf], &words[4 * leaf + 1], &words[4 * leaf + 2], &words[4 * leaf + 3]);
    }
    const auto* text = reinterpret_cast<const char*>(words.data());
    return std::string(text, strnlen(text, sizeof(words)));
}

#elif defined(__aarch64__)

// What the CPU calls itself: who designed it, and which part it is; "0x41 0xd0c" is ARM's Neoverse N1. Linux reads the register for us.
std::string cpu_name() {
    uint64_t id = 0;
    if (getauxval(AT_HWCAP) & HWCAP_CPUID) {
        asm("mrs %0, MIDR_EL1" : "=r"(id));
    }
    char text[64];
    std::snprintf(text, sizeof(text), "ARM, implementer 0x%02x, part 0x%03x", static_cast<unsigned>(id >> 24 & 0xff),
                  static_cast<unsigned>(id >> 4 & 0xfff));
    return text;
}

#endif

// BridgeLibrary looks for the mark in a library's file.
#define CRESSET_MARK "cresset bridge, sources "
constexpr const char* kMark = CRESSET_MARK;
__attribute__((used)) const char kSources[] = CRESSET_MARK CRESSET_SOURCE_DIGEST;

// Once a process, however many class loaders start the bridge. Returns the torchvision operators that are ours.
std::string settle_process(int processors) {
    Threads::share(processors);
    install_caching_allocator();
    // OpenBLAS brings threads of its own, which spin against OpenMP's: a 3 ms call then takes 160. OpenMP's are
    // the ones that every operator knows of, so those stay and OpenBLAS works on the thread that calls it.
    if (openblas_set_num_threads != nullptr) {
        openblas_set_num_threads(1);
    }
    // oneDNN remembers the last 1024 fused parts, laid-out weights included, after their modules are gone. It reads this
    // when it fuses for the first time; who has set it has a reason.
    setenv("DNNL_GRAPH_COMPILED_PARTITION_CACHE_CAPACITY", "0", /* overwrite= */ 0);
    register_fusion();
    // On GPUs it compiles in the middle of calls, and some models not at all (constants such as -3.4e38).
    torch::jit::overrideCanFuseOnGPU(false);
    register_operators();
    return torchvision::register_operators();
}

// Loading, freezing and tuning free more than a model keeps, in arenas that the system would never see again.
void give_back() {
    convolution::Weights::drop_references();
    empty_cache();
    malloc_trim(0);
}

Model& model_at(int64_t handle) { return *reinterpret_cast<Model*>(handle); }

// Does what puts weights on a device, on a stream of its own, until they are there: who uses them has other streams.
template <typename Work>
void on_device(c10::Device device, Work work) {
    if (device.is_cpu()) {
        work();
        return;
    }
    OwnStream own(device);
    own.run(work);
    own.wait();
}

}  // namespace

const char* source_digest() { return kSources + std::strlen(kMark); }

int64_t start(int64_t processors, int64_t reply, int64_t capacity) {
    return answer(reply, capacity, [&](Writer& writer) {
        static const std::string vision = settle_process(static_cast<int>(processors));
        auto fact = [&](const char* name, const std::string& value) {
            writer.text(name);
            writer.text(value);
        };
        writer.word(6);
        fact("LibTorch", TORCH_VERSION);
        fact("CPU", cpu_name());
        fact("CPU capability", at::get_cpu_capability());
        fact("OpenBLAS threads",
             openblas_get_num_threads == nullptr ? "no OpenBLAS" : std::to_string(openblas_get_num_threads()));
        fact("torchvision", vision);
        fact("bridge sources", source_digest());
    });
}

int64_t load(int64_t request, int64_t reply, int64_t capacity) {
    return answer(reply, capacity, [&](Writer& writer) {
        Reader reader(request);
        std::string path = reader.text();
        int64_t address = reader.word();
        int64_t size = reader.word();
        auto threads = static_cast<int>(reader.word());
        bool may_freeze = reader.word() != 0;
        const int64_t precision = reader.word();
        int64_t program = reader.word();
        int64_t words = reader.word();
        const int64_t kind = reader.word();
        const auto device = device_of(kind, reader.word());
        const int64_t graphs = reader.word();
        // What freezing computes, too: one of LibTorch's threads more would wait for its processor while another inflates or compiles.
        Threads limited = Threads::limited_to(threads);
        // Weights that are born in here are never a gradient's: views of them, such as a transposed matrix, cost nothing more.
        c10::InferenceMode inference;
        // Held open: what is read again while the model is tuned is what was read at first, whatever has the file's name by then.
        std::shared_ptr<caffe2::serialize::ReadAdapterInterface> bytes;
        if (path.empty()) {
            bytes = std::make_shared<Memory>(address, size);
        } else {
            bytes = std::make_shared<caffe2::serialize::FileAdapter>(path);
        }
        Model::Source source = [bytes, device] { return torch::jit::load(bytes, device); };
        if (words != 0) {
            const auto* first = reinterpret_cast<const int64_t*>(program);
            auto kept = std::make_shared<const std::vector<int64_t>>(first, first + words);
            source = [bytes, kept] { return exported::read_module({kept->data(), kept->size()}, *bytes); };
        }
        if (!device.is_cpu()) {
            source = [saved = std::move(source), device] {
                auto module = saved();
                move_to(module, device);
                return module;
            };
        }
        std::unique_ptr<Model> model;
        on_device(device, [&] {
            model = std::make_unique<Model>(source, device, device.is_cpu() ? threads : 1, may_freeze, graphs);
            if (precision != kAsSaved) {
                model = model->reduced(precision == kFloat16 ? at::kHalf : at::kBFloat16);
            }
        });
        writer.word(reinterpret_cast<int64_t>(model.get()));
        model->describe(writer);
        model.release();
    });
}

int64_t optimize(int64_t model, int64_t optimization, int64_t reply, int64_t capacity) {
    return answer(reply, capacity, [&](Writer& writer) {
        c10::InferenceMode inference;
        give_back();  // what the way that was tried before has left
        std::unique_ptr<Model> optimized;
        on_device(model_at(model).device(), [&] { optimized = model_at(model).optimized(static_cast<Optimization>(optimization)); });
        writer.word(reinterpret_cast<int64_t>(optimized.get()));
        optimized->describe(writer);
        optimized.release();
    });
}

void settle(int64_t model) {
    model_at(model).settle();
    give_back();
}

void unload(int64_t model) {
    delete &model_at(model);
    give_back();
}

int64_t invoke(int64_t model, int64_t request, int64_t reply, int64_t capacity) {
    return answer(reply, capacity, [&](Writer& writer) {
        Reader reader(request);
        auto method = model_at(model).method(reader.text());
        // The arguments outlive the result's writing, so that a result that is an argument is seen to be one.
        auto arguments = model_at(model).arguments(*method.function, reader);
        if (!model_at(model).device().is_cpu()) {
            writer.value(invoke_on_device(model_at(model), method, arguments), /* inlined= */ false);
            return;
        }
        auto stack = arguments;
        model_at(model).run(
            method, stack, [&](const c10::IValue& result) { writer.value(result, /* inlined= */ false); });
    });
}

int64_t prepare(int64_t model, int64_t request, int64_t reply, int64_t capacity) {
    return answer(reply, capacity, [&](Writer& writer) {
        Reader reader(request);
        auto call = std::make_unique<Call>(model_at(model), reader);
        writer.word(reinterpret_cast<int64_t>(call.get()));
        call.release();
    });
}

int64_t start_call(int64_t call, int64_t reply, int64_t capacity) {
    auto& prepared = *reinterpret_cast<Call*>(call);
    return answer(prepared.reply(), reply, capacity, [&](Writer&) { prepared.start(); });
}

int64_t await_call(int64_t call, int64_t reply, int64_t capacity) {
    auto& prepared = *reinterpret_cast<Call*>(call);
    return answer(prepared.reply(), reply, capacity, [&](Writer&) { prepared.await(); });
}

int64_t run(int64_t call, int64_t reply, int64_t capacity) {
    auto& prepared = *reinterpret_cast<Call*>(call);
    return answer(prepared.reply(), reply, capacity, [&](Writer&) { prepared.run(); });
}

void release_call(int64_t call) { delete reinterpret_cast<Call*>(call); }

void release_tensor(int64_t tensor) {
    c10::intrusive_ptr<c10::TensorImpl, c10::UndefinedTensorImpl>::reclaim(
        reinterpret_cast<c10::TensorImpl*>(tensor));
}

int64_t count_devices(int64_t kind, int64_t reply, int64_t capacity) {
    return answer(reply, capacity, [&](Writer& writer) { writer.word(count_devices(kind)); });
}

int64_t describe_device(int64_t kind, int64_t index, int64_t reply, int64_t capacity) {
    return answer(reply, capacity, [&](Writer& writer) { describe_device(device_of(kind, index), writer); });
}

int64_t why_not(int64_t kind, int64_t index, int64_t reply, int64_t capacity) {
    return answer(reply, capacity, [&](Writer& writer) { writer.text(why_not(device_of(kind, index))); });
}

void set_up_cuda(bool tf32, bool benchmark) {
    at::globalContext().setAllowTF32CuBLAS(tf32);
    at::globalContext().setAllowTF32CuDNN(tf32);
    at::globalContext().setBenchmarkCuDNN(benchmark);
}

int64_t describe_graphs(int64_t model, int64_t reply, int64_t capacity) {
    return answer(reply, capacity, [&](Writer& writer) {
        const auto& graphs = model_at(model).graphs();
        writer.word(graphs.recorded());
        writer.word(graphs.bytes());
        writer.text(graphs.refusal());
    });
}

int64_t allocate_host_memory(int64_t model, int64_t bytes, int64_t reply, int64_t capacity) {
    return answer(reply, capacity, [&](Writer& writer) {
        auto memory = std::make_unique<c10::DataPtr>(allocate_host_memory(model_at(model).device(), bytes));
        std::memset(memory->get(), 0, static_cast<size_t>(bytes));
        writer.word(reinterpret_cast<int64_t>(memory->get()));
        writer.word(reinterpret_cast<int64_t>(memory.release()));
    });
}

void release_host_memory(int64_t memory) { delete reinterpret_cast<c10::DataPtr*>(memory); }

int64_t fetch(int64_t reply, int64_t capacity) { return fetch_unsent(reply, capacity); }

bool can_resample() { return kernels() != nullptr; }

void resample_row(int64_t positions, int64_t groups, int64_t rgb, int64_t starts, int64_t weights, int64_t out) {
    kernels()->resample({positions, groups, reinterpret_cast<const uint8_t*>(rgb), reinterpret_cast<const int32_t*>(starts),
                         reinterpret_cast<const int16_t*>(weights), reinterpret_cast<int32_t*>(out)});
}

}  // namespace cresset
