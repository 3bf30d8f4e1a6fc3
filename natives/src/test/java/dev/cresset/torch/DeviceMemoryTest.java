package dev.cresset.torch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.engine.Engine;
import dev.cresset.engine.EngineModel;
import dev.cresset.engine.EngineSession;
import dev.cresset.engine.LoadOptions;
import dev.cresset.engine.ModelSource;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What models, sessions and calls take of a device, they give back. */
@Tag("device")
class DeviceMemoryTest {

    private static final Engine ENGINE = new OnDevice(TestDevice.engine(), TestDevice.DEVICE);
    private static final int MODELS = Integer.getInteger("cresset.updates", 200);

    @Test
    void memory_overManyModels_isFlat() {
        Path file = TorchContractTest.fixture("modules/contract.pt");
        ModelSource source = new ModelSource.InFile("contract", file);
        try (Tensor x = Tensor.of(new float[] {1, 2}, 2);
                Tensor y = Tensor.allocate(DataType.FLOAT32, 2)) {
            useOnce(source, x, y);
            long before = used();
            for (int i = 0; i < MODELS; i++) {
                useOnce(source, x, y);
            }
            assertThat(used()).isEqualTo(before);
        }
        if (!TestDevice.isGpu()) {
            assertThat(TestDevice.bytesInUse(0)).isZero();
            assertThat(TestDevice.misuses()).isEmpty();
        }
    }

    private static long used() {
        return ENGINE.devices().get(1).usedBytes();
    }

    private static void useOnce(ModelSource source, Tensor x, Tensor y) {
        try (EngineModel model = ENGINE.load(source, new LoadOptions(1, true));
                EngineSession session = model.prepare("forward", List.of(x), List.of(y))) {
            session.start();
            session.await();
            assertThat(y.toFloatArray()).containsExactly(3, 5);
            try (Value value = model.invoke("pair", List.of(x))) {
                assertThat(value.asList()).hasSize(2);
            }
            session.start(); // and closed, unawaited
        }
    }
}
