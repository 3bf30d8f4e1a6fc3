package dev.cresset.handler;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Comparator;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The largest come first, of equals the first. */
class TopKTest {

    @Test
    void of_equals_theFirstComesFirst() {
        assertThat(TopK.of(new float[] {1, 3, 2, 3, 3}, 3)).containsExactly(1, 3, 4);
    }

    @Test
    void of_none_isEmpty() {
        assertThat(TopK.of(new float[] {1, 2}, 0)).isEmpty();
    }

    @Test
    void of_noNumbers_areInOrder() {
        assertThat(TopK.of(new float[] {Float.NaN, Float.NaN, Float.NaN}, 2)).containsExactly(0, 1);
    }

    @Test
    void of_anyNumbers_equalsSortingThem() {
        long seed = 20261123;
        Random random = new Random(seed);
        for (int round = 0; round < 1000; round++) {
            float[] values = new float[1 + random.nextInt(50)];
            for (int i = 0; i < values.length; i++) {
                values[i] = random.nextInt(20) / 20f;
            }
            int k = random.nextInt(values.length + 1);
            assertThat(TopK.of(values, k)).as("seed %d, round %d", seed, round).containsExactly(sorted(values, k));
        }
    }

    private static int[] sorted(float[] values, int k) {
        return IntStream.range(0, values.length)
                .boxed()
                .sorted(Comparator.comparing((Integer i) -> values[i]).reversed())
                .limit(k)
                .mapToInt(Integer::intValue)
                .toArray();
    }
}
