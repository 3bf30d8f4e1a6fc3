package dev.cresset.torch;

import dev.cresset.engine.Device;
import dev.cresset.engine.Engine;
import java.net.URISyntaxException;
import java.nio.file.Path;

/**
 * The device that the tests tagged {@code device} compute on, {@code cuda:0} in their words. It is a stand-in over host memory (src/test/cpp),
 * stricter than a GPU; or, with {@code -Dcresset.test.gpu=true}, a GPU. What LibTorch knows of it cannot be taken back, so these tests have a JVM
 * of their own.
 */
final class TestDevice {

    static final Device DEVICE = Device.cuda(0);

    private static final Engine ENGINE = load();

    private TestDevice() {}

    /** The bridge, which has the device. */
    static Engine engine() {
        return ENGINE;
    }

    static boolean isGpu() {
        return Boolean.getBoolean("cresset.test.gpu");
    }

    private static Engine load() {
        Engine engine = new BridgeProvider().open();
        if (!isGpu()) {
            try {
                String library = "linux-x86_64/libcressettestdevice.so";
                System.load(
                        Path.of(TestDevice.class.getResource(library).toURI()).toString());
            } catch (URISyntaxException e) {
                throw new IllegalStateException(e);
            }
            DeviceCodes.meanByCuda(DeviceCodes.PRIVATE_USE_1);
        }
        return engine;
    }

    // Switches and counters of the stand-in; a GPU has none.

    /** How many bytes of memory it has from now on. */
    static native void limit(int device, long bytes);

    /** It fails at its so-manyeth kernel from now, for good; negative: it works again. */
    static native void failAfter(int device, long kernels);

    /** Its next kernel says so and fails, and only that. */
    static native void failOnce(String saying);

    /** Its kernels of this operator wait for it, without a word of it. */
    static native void waitsWithin(String operator);

    /** How many graphs it was given. */
    static native long replays();

    static native long bytesInUse(int device);

    static native long pinnedBytes();

    /** How much work streams have put off. */
    static native long pending();

    static native long kernels();

    /** Copies from or to the host that their caller has waited for. */
    static native long waitingCopies();

    /** Those that he has not. */
    static native long deferredCopies();

    /** What a GPU would have let pass, with wrong numbers now and then. */
    static native String misuses();

    static native String sourceDigest();
}
