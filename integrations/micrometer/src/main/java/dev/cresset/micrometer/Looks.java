package dev.cresset.micrometer;

import dev.cresset.PredictorMetrics;
import dev.cresset.PredictorMetrics.Latency;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Looks at a predictor's metrics: one that is not too old, and one from before, against which the last minute is told. Safe for
 * use by several threads.
 */
final class Looks {

    private static final long FRESH_NANOS = 100_000_000;
    private static final long MINUTE_NANOS = 60_000_000_000L;

    private final Supplier<PredictorMetrics> metrics;
    private final LongSupplier nanoTime;
    private Look last;

    /** At least a minute old when it becomes {@link #before}. */
    private Look next;

    private Look before;

    private record Look(PredictorMetrics seen, long nanoTime) {}

    Looks(Supplier<PredictorMetrics> metrics, LongSupplier nanoTime) {
        this.metrics = metrics;
        this.nanoTime = nanoTime;
        this.last = look();
        this.next = last;
        this.before = last;
    }

    private Look look() {
        return new Look(metrics.get(), nanoTime.getAsLong());
    }

    synchronized PredictorMetrics get() {
        if (nanoTime.getAsLong() - last.nanoTime() > FRESH_NANOS) {
            if (last.nanoTime() - next.nanoTime() >= MINUTE_NANOS) {
                before = next;
                next = last;
            }
            last = look();
        }
        return last.seen();
    }

    /** A stage's times of the last minute or two. */
    synchronized Latency lately(Function<PredictorMetrics, Latency> stage) {
        return stage.apply(get()).since(stage.apply(before.seen()));
    }
}
