package dev.cresset.torch;

import java.nio.Buffer;
import org.bytedeco.javacpp.annotation.Name;
import org.bytedeco.javacpp.annotation.Namespace;
import org.bytedeco.javacpp.annotation.Platform;
import org.bytedeco.javacpp.annotation.Properties;
import org.bytedeco.javacpp.annotation.Raw;

/**
 * The native functions of {@code src/main/cpp/cresset_bridge.h}, which says what each does. Handles, addresses and
 * blocks cross as plain longs and nothing is thrown; {@link Request} and {@link Reply} write and read the blocks.
 *
 * <p>Hot path: no object crosses. The caller keeps every buffer whose address it passes reachable until the call is
 * over. JavaCPP's generator reads this class when the library is built ({@code build-bridge.sh}); {@link NativeLibraries}
 * loads the library.
 */
@Properties(
        value =
                @Platform(
                        include = "cresset_bridge.h",
                        link = {"torch_cpu", "c10"},
                        library = "jnicresset",
                        compiler = "cpp20"))
@Namespace("cresset")
final class Bridge {

    private Bridge() {}

    @Name("source_digest")
    static native String sourceDigest();

    static native long start(long processors, long reply, long capacity);

    @Name("address_of")
    static native long addressOf(Buffer directBuffer);

    /** A direct buffer over native memory, in big-endian order as Java makes them; it keeps nothing alive. */
    @Name("buffer_over")
    @Raw(withEnv = true)
    static native Object bufferOver(long address, long bytes);

    static native long load(long request, long reply, long capacity);

    static native long optimize(long model, long optimization, long reply, long capacity);

    static native void settle(long model);

    static native void unload(long model);

    static native long invoke(long model, long request, long reply, long capacity);

    static native long prepare(long model, long request, long reply, long capacity);

    static native long run(long call, long reply, long capacity);

    @Name("release_call")
    static native void releaseCall(long call);

    @Name("release_tensor")
    static native void releaseTensor(long tensor);

    static native long fetch(long reply, long capacity);

    @Name("can_resample")
    static native boolean canResample();

    @Name("resample_row")
    static native void resampleRow(long positions, long groups, long rgb, long starts, long weights, long out);
}
