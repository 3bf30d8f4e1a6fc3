package dev.cresset.internal.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Quantiles against sorted values, and counts that no thread loses. */
class HistogramTest {

    @Test
    void since_hasWhatWasAdded_andItsQuantiles() {
        Histogram histogram = new Histogram();
        for (int i = 0; i < 1000; i++) {
            histogram.record(5_000_000);
        }
        Counts before = histogram.snapshot();
        for (int i = 1; i <= 100; i++) {
            histogram.record(1000L * i);
        }

        Counts added = histogram.snapshot().since(before);

        assertThat(added.count()).isEqualTo(100);
        assertThat(added.total()).isEqualTo(5_050_000);
        assertThat((double) added.quantile(0.5)).isCloseTo(50_000, within(1_000.0));
        assertThat((double) added.max()).isCloseTo(100_000, within(3_200.0));
        assertThat(before.since(before).max()).isZero();
        assertThat(before.since(before).quantile(0.99)).isZero();
        assertThat(before.since(histogram.snapshot()).count())
                .as("what is none of its earlier moments")
                .isEqualTo(1000);
    }

    @Test
    void quantile_isWithinTwoPercentOfTheSortedValues() {
        for (int round = 0; round < 200; round++) {
            long seed = 41L + round;
            Random random = new Random(seed);
            long[] values = new long[1 + random.nextInt(3000)];
            int bits = 1 + random.nextInt(39);
            Histogram histogram = new Histogram();
            for (int i = 0; i < values.length; i++) {
                // Spread over the magnitudes, as latencies are.
                values[i] = random.nextLong(1L << (1 + random.nextInt(bits)));
                histogram.record(values[i]);
            }
            Arrays.sort(values);
            Counts counts = histogram.snapshot();
            for (double part : new double[] {0, 0.1, 0.5, 0.9, 0.99, 0.999, 1}) {
                long exact = values[Math.max(1, (int) Math.ceil(part * values.length)) - 1];
                assertThat((double) counts.quantile(part))
                        .as("seed %d, part %s of %d values", seed, part, values.length)
                        .isCloseTo((double) exact, within(exact * 0.02));
            }
            assertThat(counts.count()).as("seed %d", seed).isEqualTo(values.length);
            assertThat(counts.total())
                    .as("seed %d", seed)
                    .isEqualTo(Arrays.stream(values).sum());
            assertThat(counts.max()).as("seed %d", seed).isEqualTo(values[values.length - 1]);
        }
    }

    @Test
    void buckets_followEachOtherWithoutGaps() {
        for (int i = 0; i < Histogram.BUCKETS; i++) {
            assertThat(Histogram.bucket(Histogram.lowest(i))).isEqualTo(i);
            assertThat(Histogram.bucket(Histogram.lowest(i + 1) - 1)).isEqualTo(i);
        }
    }

    @Test
    void record_takesWhatNoClockShouldSay() {
        Histogram histogram = new Histogram();
        histogram.record(-5);
        histogram.record(Long.MAX_VALUE / 2);

        Counts counts = histogram.snapshot();
        assertThat(counts.count()).isEqualTo(2);
        assertThat(counts.quantile(0.5)).isZero();
        assertThat(counts.quantile(1)).isEqualTo(Long.MAX_VALUE / 2);
    }

    @Test
    void snapshot_ofNothingIsZero() {
        Counts counts = new Histogram().snapshot();
        assertThat(counts.count()).isZero();
        assertThat(counts.quantile(0.99)).isZero();
        assertThat(counts.bySize()).isEmpty();
    }

    @Test
    void record_losesNothingBetweenThreads() throws Exception {
        Histogram histogram = new Histogram();
        int threads = 12;
        int each = 20_000;
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            List<Future<?>> running = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                running.add(pool.submit(() -> {
                    for (int i = 0; i < each; i++) {
                        histogram.record(i);
                    }
                }));
            }
            for (Future<?> one : running) {
                one.get();
            }
        } finally {
            pool.shutdownNow();
        }
        Counts counts = histogram.snapshot();
        assertThat(counts.count()).isEqualTo((long) threads * each);
        assertThat(counts.total()).isEqualTo((long) threads * each * (each - 1) / 2);
        assertThat(counts.max()).isEqualTo(each - 1);
    }
}
