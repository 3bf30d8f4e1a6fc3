package dev.cresset.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** That the fake device notices what would be a wrong number, or worse, on a real one. */
@ExtendWith(OpenThings.class)
class FakeDeviceTest {

    private static EngineModel load() {
        byte[] bytes = "contract".getBytes(StandardCharsets.UTF_8);
        ByteBuffer direct = ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
        return FakeEngine.instance()
                .load(
                        new ModelSource.InMemory("contract", direct),
                        new LoadOptions(1, true, Precision.AS_SAVED, List.of(), Device.cuda(0)));
    }

    @Test
    void output_betweenStartAndAwait_isNonsense() {
        try (FakeDevices devices = FakeDevices.with(1, 1 << 20);
                EngineModel model = load();
                Tensor x = Tensor.of(new float[] {1}, 1);
                Tensor y = Tensor.allocate(DataType.FLOAT32, 1);
                EngineSession session = model.prepare("forward", List.of(x), List.of(y))) {
            session.start();
            assertThat(Float.floatToRawIntBits(y.toFloatArray()[0])).isEqualTo(0xDEDEDEDE);
            session.await();
            assertThat(y.toFloatArray()).containsExactly(3);
            assertThat(devices.get(0).timeline()).containsExactly("copy in 1", "computed 1", "copy out 1");
        }
    }

    @Test
    void misuse_isToldAtOnce() {
        try (FakeDevices devices = FakeDevices.with(1, 1 << 20);
                EngineModel model = load();
                Tensor x = Tensor.of(new float[] {1}, 1);
                EngineSession session = model.prepare("forward", List.of(x), List.of())) {
            assertThatThrownBy(session::await).isInstanceOf(AssertionError.class);
            session.start();
            assertThatThrownBy(session::start).isInstanceOf(AssertionError.class);
            assertThatThrownBy(session::result).isInstanceOf(AssertionError.class);
            assertThatThrownBy(session::close).isInstanceOf(AssertionError.class);
            x.asFloatBuffer().put(0, 2);
            assertThatThrownBy(session::await).hasMessageContaining("written between start and await");
            session.start(); // what was refused is over
            session.await();
            assertThat(devices.get(0).started()).isEqualTo(2);
        }
    }

    @Test
    void hostMemory_freedUnderACopy_isToldAtOnce() {
        try (FakeDevices devices = FakeDevices.with(1, 1 << 20);
                EngineModel model = load();
                Tensor x = Tensor.ofEngine(DataType.FLOAT32, new long[] {1}, model.hostMemory(4));
                EngineSession session = model.prepare("forward", List.of(x), List.of())) {
            session.start();
            assertThatThrownBy(x::close).hasMessageContaining("while a device copied from it");
            assertThatThrownBy(session::await).isInstanceOf(IllegalStateException.class);
            assertThat(devices.get(0).started()).isOne();
        }
    }

    @Test
    void memory_isCharged_andGivenBack() {
        try (FakeDevices devices = FakeDevices.with(1, 2048)) {
            try (EngineModel model = load()) {
                assertThat(devices.get(0).used()).isEqualTo(1024);
                try (Tensor x = Tensor.allocate(DataType.FLOAT32, 100);
                        EngineSession session = model.prepare("forward", List.of(x), List.of())) {
                    assertThat(devices.get(0).used()).isEqualTo(1424);
                    assertThatThrownBy(session::run)
                            .isInstanceOfSatisfying(
                                    EngineException.class,
                                    e -> assertThat(e.kind()).isEqualTo(EngineException.Kind.OUT_OF_DEVICE_MEMORY))
                            .hasMessage(
                                    "cuda:0 has no 6400 bytes: 624 of 2048 are free, 1424 are in use by this process");
                }
            }
            assertThat(devices.get(0).used()).isZero();
        }
    }
}
