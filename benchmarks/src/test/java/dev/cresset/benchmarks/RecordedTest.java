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
        ByteBuffer answer = ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putFloat(1)
                .putFloat(-100);
        Files.write(folder.resolve("mlp.output.f32"), answer.array());
        System.setProperty("cresset.models", folder.toString());
    }

    @AfterEach
    void forget() {
        System.clearProperty("cresset.models");
    }

    @Test
    void check_aWrongAnswer() {
        assertThatThrownBy(() -> Recorded.MLP.check(new float[] {1, -101}))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("-101.0 at 1, expected -100.0");
        assertThatThrownBy(() -> Recorded.MLP.check(new float[] {1, Float.NaN})).isInstanceOf(AssertionError.class);
        assertThatThrownBy(() -> Recorded.MLP.check(new float[] {1})).isInstanceOf(AssertionError.class);
    }

    @Test
    void check_aRightAnswer_withinRounding() {
        assertThatCode(() -> Recorded.MLP.check(new float[] {1.00001f, -100.001f}))
                .doesNotThrowAnyException();
        assertThat(Recorded.MLP.output()).containsExactly(1, -100);
    }
}
