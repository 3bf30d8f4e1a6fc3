package dev.cresset.engine;

import java.util.List;
import java.util.stream.IntStream;

/**
 * The GPUs that {@link FakeEngine} has from the opening of this to its close, which fails where memory of theirs is still in use. For one test
 * at a time.
 */
public final class FakeDevices implements AutoCloseable {

    private static volatile List<FakeDevice> present = List.of();

    private final List<FakeDevice> devices;

    private FakeDevices(List<FakeDevice> devices) {
        this.devices = devices;
    }

    /** So many, of so much memory each. */
    public static FakeDevices with(int count, long bytesEach) {
        if (!present.isEmpty()) {
            throw new AssertionError("another test has devices");
        }
        List<FakeDevice> devices = IntStream.range(0, count)
                .mapToObj(index -> new FakeDevice(index, bytesEach))
                .toList();
        present = devices;
        return new FakeDevices(devices);
    }

    /** One of them. */
    public FakeDevice get(int index) {
        return devices.get(index);
    }

    static List<FakeDevice> present() {
        return present;
    }

    @Override
    public void close() {
        present = List.of();
        devices.forEach(FakeDevice::requireUnused);
    }
}
