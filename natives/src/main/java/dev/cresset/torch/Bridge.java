package dev.cresset.torch;

import java.nio.Buffer;

/**
 * The native functions of {@code src/main/cpp/bridge/cresset_bridge.h}, which says what each does; {@code natives.cpp} has a
 * line for each, and {@link BridgeLibrary} binds them. Handles, addresses and blocks cross as plain longs and nothing
 * is thrown; {@link Request} and {@link Reply} write and read the blocks.
 *
 * <p>Hot path: no object crosses. The caller keeps every buffer whose address it passes reachable until the call is
 * over.
 */
final class Bridge {

    private Bridge() {}

    static native String sourceDigest();

    static native long start(long processors, long reply, long capacity);

    /** Where a direct buffer begins, whatever its position. */
    static native long addressOf(Buffer directBuffer);

    /** A direct buffer over native memory, in big-endian order as Java makes them; it keeps nothing alive. */
    static native Object bufferOver(long address, long bytes);

    static native long load(long request, long reply, long capacity);

    static native long optimize(long model, long optimization, long reply, long capacity);

    static native void settle(long model);

    static native void unload(long model);

    static native long invoke(long model, long request, long reply, long capacity);

    static native long prepare(long model, long request, long reply, long capacity);

    static native long run(long call, long reply, long capacity);

    static native long startCall(long call, long reply, long capacity);

    static native long awaitCall(long call, long reply, long capacity);

    static native void releaseCall(long call);

    static native void releaseTensor(long tensor);

    static native long countDevices(long kind, long reply, long capacity);

    static native long describeDevice(long kind, long index, long reply, long capacity);

    static native long whyNot(long kind, long index, long reply, long capacity);

    static native void setUpCuda(boolean tf32, boolean benchmark);

    static native long describeGraphs(long model, long reply, long capacity);

    static native long allocateHostMemory(long model, long bytes, long reply, long capacity);

    static native void releaseHostMemory(long memory);

    static native long fetch(long reply, long capacity);

    static native boolean canResample();

    static native void resampleRow(long positions, long groups, long rgb, long starts, long weights, long out);
}
