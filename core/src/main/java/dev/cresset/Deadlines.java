package dev.cresset;

import dev.cresset.internal.batching.Completions;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Tells futures that it is too late: one thread, which only hands over, for callbacks may run long. */
final class Deadlines {

    private static final ScheduledThreadPoolExecutor CLOCK = clock();

    private Deadlines() {}

    private static ScheduledThreadPoolExecutor clock() {
        ScheduledThreadPoolExecutor clock = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "cresset-deadlines");
            thread.setDaemon(true);
            return thread;
        });
        clock.setRemoveOnCancelPolicy(true);
        return clock;
    }

    /** Runs something at a time, as {@link System#nanoTime} counts, away from the clock's thread. */
    static Future<?> at(long nanoTime, Runnable late) {
        return CLOCK.schedule(() -> Completions.run(late), nanoTime - System.nanoTime(), TimeUnit.NANOSECONDS);
    }
}
