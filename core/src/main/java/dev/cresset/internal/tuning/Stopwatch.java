package dev.cresset.internal.tuning;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.function.LongSupplier;

/**
 * What a call takes, as the wall's clock sees it and as the processor does that runs this thread. The latter leaves out the time
 * in which somebody else has the processor; it is the former where it cannot be had, or where calls run on several threads.
 *
 * @param wall nanoseconds of the wall's clock
 * @param cpu nanoseconds for which this thread has run
 */
public record Stopwatch(LongSupplier wall, LongSupplier cpu) {

    /** What is measured takes some milliseconds; where the system counts in slices of 16, it is of no use. */
    private static final long COARSEST_NANOS = 100_000;

    private static final long LONGEST_LOOK_NANOS = 2_000_000;

    /** For a thread whose calls do all of their work on it, or not. */
    public static Stopwatch ofThread(boolean runsAlone) {
        LongSupplier wall = System::nanoTime;
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        if (!runsAlone || !threads.isCurrentThreadCpuTimeSupported() || !threads.isThreadCpuTimeEnabled()) {
            return new Stopwatch(wall, wall);
        }
        LongSupplier cpu = threads::getCurrentThreadCpuTime;
        return new Stopwatch(wall, isFine(cpu) ? cpu : wall);
    }

    private static boolean isFine(LongSupplier cpu) {
        long start = System.nanoTime();
        long first = cpu.getAsLong();
        long next = first;
        while (next == first && System.nanoTime() - start < LONGEST_LOOK_NANOS) {
            next = cpu.getAsLong();
        }
        return next > first && next - first < COARSEST_NANOS;
    }

    long wallNanos() {
        return wall.getAsLong();
    }

    long cpuNanos() {
        return cpu.getAsLong();
    }
}
