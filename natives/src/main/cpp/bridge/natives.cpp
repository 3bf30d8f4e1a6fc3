// What each native method of dev.cresset.torch.Bridge calls.
//
// The bridge is not a JNI library: the JVM would tie it to one class loader, and unload it with that. The system's
// linker loads it once a process, for good, and each class loader's Bridge is bound to these functions when it asks
// (linker.c). Nothing here may remember a class, an object or a method of one of them.
#include <jni.h>

#include <iterator>

#include "bridge/cresset_bridge.h"

namespace cresset {

namespace {

template <typename T>
constexpr char kCode = 0;
template <>
constexpr char kCode<void> = 'V';
template <>
constexpr char kCode<bool> = 'Z';
template <>
constexpr char kCode<int64_t> = 'J';

template <typename T>
struct InJava {
    using Type = T;
};
template <>
struct InJava<bool> {
    using Type = jboolean;
};

JNINativeMethod method(const char* name, const char* signature, void* function) {
    return {const_cast<char*>(name), const_cast<char*>(signature), function};
}

// A function of words, as Java calls it: its signature is read from its type.
template <auto function>
struct OfWords;
template <typename Result, typename... Words, Result (*function)(Words...)>
struct OfWords<function> {
    static constexpr char kSignature[] = {'(', kCode<Words>..., ')', kCode<Result>, '\0'};

    static typename InJava<Result>::Type JNICALL call(JNIEnv*, jclass, Words... words) { return function(words...); }

    static JNINativeMethod named(const char* name) {
        return method(name, kSignature, reinterpret_cast<void*>(&call));
    }
};

jstring JNICALL digest(JNIEnv* env, jclass) { return env->NewStringUTF(source_digest()); }

jlong JNICALL address(JNIEnv* env, jclass, jobject buffer) {
    return reinterpret_cast<jlong>(env->GetDirectBufferAddress(buffer));
}

jobject JNICALL buffer(JNIEnv* env, jclass, jlong address, jlong bytes) {
    return env->NewDirectByteBuffer(reinterpret_cast<void*>(address), bytes);
}

}  // namespace

}  // namespace cresset

// Binds the native methods of a class loader's own Bridge. Fails with a pending NoSuchMethodError if that is of another
// build and has others.
extern "C" __attribute__((visibility("default"))) jint cresset_bind(JNIEnv* env, jclass bridge) {
    using namespace cresset;
    const JNINativeMethod methods[] = {
        method("sourceDigest", "()Ljava/lang/String;", reinterpret_cast<void*>(&digest)),
        method("addressOf", "(Ljava/nio/Buffer;)J", reinterpret_cast<void*>(&address)),
        method("bufferOver", "(JJ)Ljava/lang/Object;", reinterpret_cast<void*>(&buffer)),
        OfWords<start>::named("start"),
        OfWords<load>::named("load"),
        OfWords<optimize>::named("optimize"),
        OfWords<settle>::named("settle"),
        OfWords<unload>::named("unload"),
        OfWords<invoke>::named("invoke"),
        OfWords<prepare>::named("prepare"),
        OfWords<run>::named("run"),
        OfWords<start_call>::named("startCall"),
        OfWords<await_call>::named("awaitCall"),
        OfWords<release_call>::named("releaseCall"),
        OfWords<release_tensor>::named("releaseTensor"),
        OfWords<count_devices>::named("countDevices"),
        OfWords<describe_device>::named("describeDevice"),
        OfWords<why_not>::named("whyNot"),
        OfWords<set_up_cuda>::named("setUpCuda"),
        OfWords<describe_graphs>::named("describeGraphs"),
        OfWords<allocate_host_memory>::named("allocateHostMemory"),
        OfWords<release_host_memory>::named("releaseHostMemory"),
        OfWords<fetch>::named("fetch"),
        OfWords<can_resample>::named("canResample"),
        OfWords<resample_row>::named("resampleRow"),
    };
    return env->RegisterNatives(bridge, methods, std::size(methods));
}
