package dev.cresset.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Durations as messages say them. */
class DurationsTest {

    @ParameterizedTest
    @CsvSource({
        "PT0S, 0 s",
        "PT90S, 90 s",
        "PT1.5S, 1500 ms",
        "PT0.02S, 20 ms",
        "PT0.00025S, 250 us",
        "PT0.000000001S, 1 ns"
    })
    void text_isInTheLargestUnitThatLeavesNothingOver(Duration duration, String text) {
        assertThat(Durations.text(duration)).isEqualTo(text);
    }
}
