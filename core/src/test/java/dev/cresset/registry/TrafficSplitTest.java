package dev.cresset.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

public class TrafficSplitTest {

    private static int[] counts(TrafficSplit split, int requests, int of) {
        int[] counts = new int[of];
        for (int i = 0; i < requests; i++) {
            counts[split.next()]++;
        }
        return counts;
    }

    private static TrafficSplit split(Integer... weights) {
        return new TrafficSplit(List.of(weights), new AtomicLong());
    }

    @Test
    void next_meetsTheSharesUpToOneRequest() {
        int[] counts = counts(split(90, 10), 1000, 2);
        assertThat(counts[0]).isBetween(899, 901);
        assertThat(counts[1]).isBetween(99, 101);
    }

    @Test
    void next_aSmallShare_hasItsTurnEarly() {
        assertThat(counts(split(99, 1), 200, 2)[1]).isPositive();
    }

    /** As when two kinds of requests come in turns: each kind is shared out like all. */
    @Test
    void next_eachTenthRequest_isSharedOutToo() {
        TrafficSplit split = split(50, 50);
        int first = 0;
        for (int i = 0; i < 10_000; i++) {
            int to = split.next();
            first += i % 10 == 0 && to == 0 ? 1 : 0;
        }
        assertThat(first).isBetween(490, 510);
    }

    @Test
    void next_withoutWeight_neverHasATurn() {
        assertThat(counts(split(0, 1, 0, 1, 0), 1000, 5)).containsExactly(0, 500, 0, 500, 0);
    }

    @Test
    void next_anyWeights_staysAmongThem() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int round = 0; round < 200; round++) {
            TrafficSplit split = new TrafficSplit(
                    List.of(random.nextInt(3), random.nextInt(Integer.MAX_VALUE), 1 + random.nextInt(1000)),
                    new AtomicLong(random.nextLong()));
            assertThat(counts(split, 100, 3))
                    .as("seed %d, round %d", seed, round)
                    .hasSize(3);
        }
    }

    @Test
    void next_withAnothersPlace_goesOnThere() {
        AtomicLong place = new AtomicLong();
        int[] counts = new int[2];
        for (int i = 0; i < 1000; i++) {
            counts[new TrafficSplit(List.of(50, 50), place).next()]++;
        }
        assertThat(counts[0]).isBetween(499, 501);
    }
}
