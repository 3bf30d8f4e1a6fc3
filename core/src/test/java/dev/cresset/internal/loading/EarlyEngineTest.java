package dev.cresset.internal.loading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cresset.EngineUnavailableException;
import dev.cresset.engine.ModelFormat;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;

public class EarlyEngineTest {

    @Test
    void get_ofNoEngine_saysSoWithTheStackOfWhoAsked() {
        try (EarlyEngine engine = EarlyEngine.start(Optional.of("none"), ModelFormat.PYTORCH)) {
            assertThatThrownBy(engine::get)
                    .isInstanceOf(EngineUnavailableException.class)
                    .hasMessageContaining("there is no engine 'none'")
                    .satisfies(thrown -> assertThat(
                                    Arrays.stream(thrown.getStackTrace()).map(StackTraceElement::getClassName))
                            .contains(EarlyEngineTest.class.getName()));
        }
    }

    @Test
    void get_interrupted_waitsAndStaysInterrupted() {
        Thread.currentThread().interrupt();
        try (EarlyEngine engine = EarlyEngine.start(Optional.empty(), ModelFormat.PYTORCH)) {
            assertThat(engine.get()).isNotNull();
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void get_forAFormatThatNoEngineOpens_namesTheDependency() {
        try (EarlyEngine engine = EarlyEngine.start(Optional.empty(), ModelFormat.ONNX)) {
            assertThatThrownBy(engine::get)
                    .isInstanceOf(EngineUnavailableException.class)
                    .hasMessage("this is an ONNX model, and no engine that opens one is on the class path;"
                            + " add the dependency dev.cresset:cresset-onnx");
        }
        try (EarlyEngine engine = EarlyEngine.start(Optional.of("fake"), ModelFormat.ONNX)) {
            assertThatThrownBy(engine::get)
                    .isInstanceOf(EngineUnavailableException.class)
                    .hasMessage("engine 'fake' does not open an ONNX model,"
                            + " add the dependency dev.cresset:cresset-onnx");
        }
    }

    @Test
    void close_leavesNoThreadBehind() {
        EarlyEngine.start(Optional.empty(), ModelFormat.PYTORCH).close();
        EarlyEngine.start(Optional.of("none"), ModelFormat.PYTORCH).close();
        assertThat(Thread.getAllStackTraces().keySet())
                .filteredOn(thread -> thread.getName().equals("cresset-engine"))
                .allSatisfy(thread -> assertThat(ends(thread)).isTrue());
    }

    private static boolean ends(Thread thread) throws InterruptedException {
        thread.join(10_000);
        return !thread.isAlive();
    }
}
