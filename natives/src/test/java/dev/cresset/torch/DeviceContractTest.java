package dev.cresset.torch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.engine.Device;
import dev.cresset.engine.Engine;
import dev.cresset.engine.EngineModel;
import dev.cresset.engine.LoadOptions;
import dev.cresset.engine.Optimization;
import dev.cresset.engine.OptimizationsContract;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The whole contract, on a device beside the CPU. */
@Tag("device")
class DeviceContractTest extends TorchContractTest implements OptimizationsContract {

    @Override
    public Engine engine() {
        return new OnDevice(TestDevice.engine(), TestDevice.DEVICE);
    }

    @Override
    public Device device() {
        return TestDevice.DEVICE;
    }

    @Test
    void load_isOnTheDevice_andOffersNoWayThatIsTheCpusAlone() {
        try (EngineModel model = engine().load(source("contract"), new LoadOptions(1, true))) {
            assertThat(model.device()).isEqualTo(TestDevice.DEVICE);
            assertThat(model.optimizations()).containsExactly(Optimization.CHANNELS_LAST);
            try (EngineModel other = model.optimized(Optimization.CHANNELS_LAST)) {
                assertThat(other.device()).isEqualTo(TestDevice.DEVICE);
            }
        }
    }
}
