package dev.cresset.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Few lengths, and few tokens for nothing. */
class LengthsTest {

    @Test
    void fill_buckets_areFewAndNear() {
        assertThat(IntStream.rangeClosed(1, 512).map(Lengths.BUCKETS::fill).distinct())
                .hasSize(32);
        assertThat(IntStream.rangeClosed(1, 4096))
                .allSatisfy(length ->
                        assertThat(Lengths.BUCKETS.fill(length) - length).isBetween(0, Math.max(7, length / 8)));
    }

    @Test
    void fill_multiple_isTheNextOne() {
        assertThat(Lengths.multipleOf(16).fill(17)).isEqualTo(32);
        assertThat(Lengths.EXACT.fill(17)).isEqualTo(17);
    }
}
