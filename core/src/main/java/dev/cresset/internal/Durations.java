package dev.cresset.internal;

import java.time.Duration;

/** Durations as clocks count them. */
public final class Durations {

    private Durations() {}

    /** So many nanoseconds, or as many as there are: centuries. */
    public static long nanos(Duration duration) {
        try {
            return duration.toNanos();
        } catch (ArithmeticException e) {
            return duration.isNegative() ? Long.MIN_VALUE : Long.MAX_VALUE;
        }
    }

    /** In the largest of the usual units that leaves nothing over: {@code 1500 ms}, {@code 2 s}, {@code 250 us}. */
    public static String text(Duration duration) {
        long nanos = nanos(duration);
        if (nanos % 1_000_000_000 == 0) {
            return nanos / 1_000_000_000 + " s";
        }
        if (nanos % 1_000_000 == 0) {
            return nanos / 1_000_000 + " ms";
        }
        return nanos % 1_000 == 0 ? nanos / 1_000 + " us" : nanos + " ns";
    }
}
