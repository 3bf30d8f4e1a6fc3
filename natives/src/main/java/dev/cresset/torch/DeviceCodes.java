package dev.cresset.torch;

import dev.cresset.engine.Device;

/** Devices by the numbers that the bridge's {@code devices.h} has for them. */
final class DeviceCodes {

    private static final int CPU = 0;
    private static final int CUDA = 1;

    /** LibTorch's kind for devices of others'. */
    static final int PRIVATE_USE_1 = 2;

    private static volatile int cuda = CUDA;

    private DeviceCodes() {}

    /** From now on another kind of device is meant wherever CUDA is said: a test's, which has no GPU. */
    static void meanByCuda(int kind) {
        cuda = kind;
    }

    /** Whether CUDA is meant where it is said. */
    static boolean isCudaMeant() {
        return cuda == CUDA;
    }

    /** Of {@link Device.Kind#CUDA}. */
    static int cuda() {
        return cuda;
    }

    static int kind(Device device) {
        return device.isCpu() ? CPU : cuda;
    }

    static Device device(long kind, long index) {
        return kind == CPU ? Device.cpu() : Device.cuda((int) index);
    }
}
