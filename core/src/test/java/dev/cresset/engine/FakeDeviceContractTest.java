package dev.cresset.engine;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** What holds on the CPU holds on a device. */
class FakeDeviceContractTest extends FakeEngineContractTest {

    private FakeDevices devices = FakeDevices.with(0, 0);

    @BeforeEach
    void open() {
        devices = FakeDevices.with(2, 1 << 30);
    }

    @AfterEach
    void close() {
        devices.close();
    }

    @Override
    public Device device() {
        return Device.cuda(1);
    }
}
