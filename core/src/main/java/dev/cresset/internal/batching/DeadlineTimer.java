package dev.cresset.internal.batching;

import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Tells futures that it is too late: one thread, which only hands over, for callbacks may run long. It ends when nothing
 * waits for it any more: a thread that stayed would keep the class loader of an application that is gone.
 */
public final class DeadlineTimer {

    private static final ScheduledThreadPoolExecutor CLOCK = clock();

    private DeadlineTimer() {}

    private static ScheduledThreadPoolExecutor clock() {
        ScheduledThreadPoolExecutor clock = new ScheduledThreadPoolExecutor(1, new Threads("cresset-deadlines"));
        clock.setRemoveOnCancelPolicy(true);
        clock.setKeepAliveTime(1, TimeUnit.SECONDS);
        clock.allowCoreThreadTimeOut(true);
        return clock;
    }

    /** Runs something at a time, as {@link System#nanoTime} counts, away from the clock's thread. */
    public static Future<?> at(long nanoTime, Runnable late) {
        return CLOCK.schedule(() -> Completions.run(late), nanoTime - System.nanoTime(), TimeUnit.NANOSECONDS);
    }
}
