package dev.cresset.internal.loading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cresset.EngineUnavailableException;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;

public class EarlyEngineTest {

    @Test
    void get_ofNoEngine_saysSoWithTheStackOfWhoAsked() {
        try (EarlyEngine engine = EarlyEngine.start(Optional.of("none"))) {
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
        try (EarlyEngine engine = EarlyEngine.start(Optional.empty())) {
            assertThat(engine.get()).isNotNull();
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void close_leavesNoThreadBehind() {
        EarlyEngine.start(Optional.empty()).close();
        EarlyEngine.start(Optional.of("none")).close();
        assertThat(Thread.getAllStackTraces().keySet())
                .filteredOn(thread -> thread.getName().equals("cresset-engine"))
                .allSatisfy(thread -> assertThat(ends(thread)).isTrue());
    }

    private static boolean ends(Thread thread) throws InterruptedException {
        thread.join(10_000);
        return !thread.isAlive();
    }
}
