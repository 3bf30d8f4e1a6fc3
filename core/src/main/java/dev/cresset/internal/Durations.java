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
}
