// The native methods of dev.cresset.torch.TestDevice.
#include <jni.h>

#include "faults.h"
#include "memory.h"
#include "streams.h"

using namespace testdevice;

#define TEST_DEVICE(result, name, ...) extern "C" JNIEXPORT result JNICALL Java_dev_cresset_torch_TestDevice_##name(JNIEnv* env, jclass, ##__VA_ARGS__)

TEST_DEVICE(void, limit, jint device, jlong bytes) { set_limit(static_cast<c10::DeviceIndex>(device), bytes); }

TEST_DEVICE(void, failAfter, jint device, jlong kernels) { fail_after(static_cast<c10::DeviceIndex>(device), kernels); }

TEST_DEVICE(void, failOnce, jstring saying) {
    const char* text = env->GetStringUTFChars(saying, nullptr);
    fail_once(text);
    env->ReleaseStringUTFChars(saying, text);
}

TEST_DEVICE(void, waitsWithin, jstring kernel) {
    const char* text = env->GetStringUTFChars(kernel, nullptr);
    waits_within(text);
    env->ReleaseStringUTFChars(kernel, text);
}

TEST_DEVICE(jlong, replays) { return counters().replays; }

TEST_DEVICE(jlong, bytesInUse, jint device) {
    return device_allocator().getDeviceStats(static_cast<c10::DeviceIndex>(device)).allocated_bytes[0].current;
}

TEST_DEVICE(jlong, pinnedBytes) { return static_cast<jlong>(pinned_bytes()); }

TEST_DEVICE(jlong, pending) { return testdevice::pending(); }

TEST_DEVICE(jlong, kernels) { return counters().kernels; }

TEST_DEVICE(jlong, waitingCopies) { return counters().waiting_copies; }

TEST_DEVICE(jlong, deferredCopies) { return counters().deferred_copies; }

TEST_DEVICE(jstring, misuses) { return env->NewStringUTF(testdevice::misuses().c_str()); }

TEST_DEVICE(jstring, sourceDigest) { return env->NewStringUTF(TEST_DEVICE_DIGEST); }
