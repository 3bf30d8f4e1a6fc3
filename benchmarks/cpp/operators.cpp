// Times LibTorch's own operators while Cresset computes: what is left of a call is Cresset's operators, kernels and the interpreter.
#include <ATen/record_function.h>
#include <jni.h>

#include <chrono>
#include <map>
#include <string>

namespace {

struct Use : at::ObserverContext {
    Use* around;
    int64_t start;
    int64_t inside = 0; // nanoseconds of what it called itself
};

struct Sum {
    int64_t uses = 0;
    int64_t nanos = 0;
};

thread_local Use* current = nullptr;
thread_local std::map<std::string, Sum> sums;

int64_t now() {
    return std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds(1);
}

std::unique_ptr<at::ObserverContext> entered(const at::RecordFunction&) {
    auto use = std::make_unique<Use>();
    use->around = current;
    current = use.get();
    use->start = now();
    return use;
}

void left(const at::RecordFunction& function, at::ObserverContext* context) {
    auto* use = static_cast<Use*>(context);
    int64_t took = now() - use->start;
    current = use->around;
    if (current != nullptr) current->inside += took;
    Sum& sum = sums[function.name()];
    ++sum.uses;
    sum.nanos += took - use->inside;
}

} // namespace

extern "C" JNIEXPORT void JNICALL Java_dev_cresset_benchmarks_zoo_Profile_listen(JNIEnv*, jclass) {
    at::addGlobalCallback(at::RecordFunctionCallback(&entered, &left).scopes({at::RecordScope::FUNCTION}));
}

// What this thread's operators took since the last time, a line each: name, uses, nanoseconds.
extern "C" JNIEXPORT jstring JNICALL Java_dev_cresset_benchmarks_zoo_Profile_heard(JNIEnv* env, jclass) {
    std::string text;
    for (const auto& [name, sum] : sums)
        text += name + ' ' + std::to_string(sum.uses) + ' ' + std::to_string(sum.nanos) + '\n';
    sums.clear();
    return env->NewStringUTF(text.c_str());
}
