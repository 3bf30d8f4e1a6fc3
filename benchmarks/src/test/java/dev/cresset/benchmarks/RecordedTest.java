package dev.cresset.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A wrong answer stops a benchmark before it is timed. */
class RecordedTest {

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @BeforeEach
    void record() throws Exception {
        ByteBuffer answer = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
        answer.putFloat(1).putFloat(-100).putFloat(0).putFloat(5);
        Files.write(folder.resolve("mlp.output.f32"), answer.array());
        System.setProperty("cresset.models", folder.toString());
    }

    @AfterEach
    void forget() {
        System.clearProperty("cresset.models");
    }

    @Test
    void check_aWrongAnswer() {
        assertThatThrownBy(() -> Recorded.MLP.check(new float[] {1, -101, 0, 5}, 1))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("-101.0 at 1, expected -100.0");
        assertThatThrownBy(() -> Recorded.MLP.check(new float[] {1, -100, Float.NaN, 5}, 1))
                .isInstanceOf(AssertionError.class);
        assertThatThrownBy(() -> Recorded.MLP.check(new float[] {1}, 1)).isInstanceOf(AssertionError.class);
    }

    @Test
    void check_aRightAnswer_withinRounding() {
        assertThatCode(() -> Recorded.MLP.check(new float[] {1.001f, -100.001f, 0.001f, 5}, 1))
                .doesNotThrowAnyException();
        assertThat(Recorded.MLP.output(1)).containsExactly(1, -100, 0, 5);
    }

    @Test
    void output_ofMoreItemsThanWereRecorded() {
        assertThatThrownBy(() -> Recorded.MLP.output(2)).hasMessageContaining("has 1 items, 2 are wanted");
    }
}
