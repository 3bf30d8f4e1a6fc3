package dev.cresset.mar.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

/** A terminal is told seldom, and its line is taken away. */
class ProgressTest {
    private final StringWriter err = new StringWriter();
    private long nanos = Long.MAX_VALUE - 100;

    private Progress start(long firstNanos) {
        return Progress.onTerminal(new PrintWriter(err), "verify", () -> nanos, firstNanos);
    }

    @Test
    void line_beforeItsTime() {
        try (Progress progress = start(/* firstNanos= */ 500)) {
            nanos += 499;
            progress.progressed("a", 1, 2);
        }

        assertThat(err.toString()).isEmpty();
    }

    @Test
    void line_atItsTime() {
        Progress progress = start(/* firstNanos= */ 500);
        nanos += 500;

        progress.progressed("a", 1, 2);

        assertThat(err).hasToString("\rverify: 50 %, 1 of 2 bytes");
        progress.close();
    }

    @Test
    void line_oftenTold() {
        try (Progress progress = start(/* firstNanos= */ 0)) {
            for (int done = 1; done <= 1000; done++) {
                nanos += 1_000_000;
                progress.progressed("a", done, 1000);
            }
        }

        assertThat(err.toString().chars().filter(c -> c == '%')).hasSize(10);
    }

    @Test
    void line_closed() {
        Progress progress = start(/* firstNanos= */ 0);
        progress.progressed("a", 1, 2);
        err.getBuffer().setLength(0);

        progress.close();

        assertThat(err).hasToString("\r" + " ".repeat("verify: 50 %, 1 of 2 bytes".length()) + "\r");
    }

    @Test
    void percent_ofNothing() {
        assertThat(Progress.percent(0, 0)).isEqualTo(100);
    }
}
