package dev.cresset.internal.batching;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Counts the rows that wait, and bounds them. Safe for use by several threads. */
final class QueueSlots {

    private final Semaphore free;
    private final int limit;

    QueueSlots(int limit) {
        this.limit = limit;
        this.free = new Semaphore(limit);
    }

    /** Takes a slot if there is one. */
    boolean enter() {
        return free.tryAcquire();
    }

    /** Waits for a slot for so many nanoseconds, or until it is interrupted. */
    boolean enter(long nanos) throws InterruptedException {
        return free.tryAcquire(nanos, TimeUnit.NANOSECONDS);
    }

    void leave(int count) {
        free.release(count);
    }

    int waiting() {
        return limit - free.availablePermits();
    }

    int limit() {
        return limit;
    }
}
