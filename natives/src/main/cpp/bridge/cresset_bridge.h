// Cresset's bridge: one native call a prediction, over LibTorch's C++ API.
//
// Every function takes plain 64-bit words: handles, addresses and off-heap blocks, whose layout wire.h describes. None
// throws: a failure comes back as a status in the reply block, so that no C++ exception ever reaches JNI. natives.cpp
// binds them to dev.cresset.torch.Bridge, which declares the same functions.
//
// Threads: a model may be used by several threads at once; a call (prepare/run) by one at a time.
#pragma once

#include <cstdint>

namespace cresset {

// The digest of the sources that this library was built from; a test holds it against the sources themselves.
const char* source_digest();

// Settles what is process-wide (thread pools that would fight each other) and writes facts about LibTorch: a list of
// alternating names and values. `processors` are the CPUs that this process may use. Called before anything else, once
// a class loader; the first call settles.
int64_t start(int64_t processors, int64_t reply, int64_t capacity);

// request: path or none, address, size, intra-op threads, freeze allowed, the precision wanted; of an exported program, where
// it is written down (exported/words.h) and its words, else zeros; the device's kind and index, and how many of its calls may be graphs. reply: handle, then the model's description.
int64_t load(int64_t request, int64_t reply, int64_t capacity);
void unload(int64_t model);

// Another way to compute what the model computes. reply: handle, then the model's description.
int64_t optimize(int64_t model, int64_t optimization, int64_t reply, int64_t capacity);

// From now on the model is not optimized any more.
void settle(int64_t model);

// request: method, arguments. reply: the result, whose tensors the caller owns.
int64_t invoke(int64_t model, int64_t request, int64_t reply, int64_t capacity);

// request: method, arguments, outputs to write into (none, if the result is wanted). reply: a call's handle.
int64_t prepare(int64_t model, int64_t request, int64_t reply, int64_t capacity);

// reply: of a model on a device beside the CPU, how long the device took, in nanoseconds; then nothing if the call writes into outputs of the
// caller's, else the result, small tensors as bytes in the reply.
int64_t run(int64_t call, int64_t reply, int64_t capacity);

// The two halves of run, of a model on a device beside the CPU. Between them, what the call was prepared with is neither read nor written
// by others; what was started is awaited, or released.
int64_t start_call(int64_t call, int64_t reply, int64_t capacity);
int64_t await_call(int64_t call, int64_t reply, int64_t capacity);
void release_call(int64_t call);

void release_tensor(int64_t tensor);

// Devices beside the CPU, by the numbers in devices.h. reply: how many there are.
int64_t count_devices(int64_t kind, int64_t reply, int64_t capacity);

// reply: a device's name, its memory in all, what of it is free, what this process uses, and the most that it has used.
int64_t describe_device(int64_t kind, int64_t index, int64_t reply, int64_t capacity);

// reply: why a device cannot be used, in one sentence; an empty text if it can.
int64_t why_not(int64_t kind, int64_t index, int64_t reply, int64_t capacity);

// Whether float32 products on devices may be computed with fewer bits (TensorFloat-32), and whether cuDNN tries its algorithms for each size
// that a thread meets, to take the fastest; for all models.
void set_up_cuda(bool tf32, bool benchmark);

// reply: how many of a model's calls are graphs now, what memory these hold, and why the last that could be none is none; or an empty text.
int64_t describe_graphs(int64_t model, int64_t reply, int64_t capacity);

// Memory of the host's that a model's device copies from and to by itself. reply: address, handle.
int64_t allocate_host_memory(int64_t model, int64_t bytes, int64_t reply, int64_t capacity);
void release_host_memory(int64_t memory);

// The reply that did not fit into its block, on the thread that was told so.
int64_t fetch(int64_t reply, int64_t capacity);

// Whether rows of pixels can be resampled on this CPU, and a row of them: see Resampling in kernels.h.
bool can_resample();
void resample_row(int64_t positions, int64_t groups, int64_t rgb, int64_t starts, int64_t weights, int64_t out);

}  // namespace cresset
