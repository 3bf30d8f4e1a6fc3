package dev.cresset.internal.batching;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Counts the rows that wait, and bounds them: by their number, and by what their memory comes to, the largest kind of row that is
 * about counting for all. Safe for use by several threads.
 */
final class QueueSlots {

    private final Slots free;
    private final int most;
    private final long memory;
    private volatile int limit; // written under the lock

    /** Semaphore's own way to take slots out of use is for subclasses. */
    private static final class Slots extends Semaphore {
        private static final long serialVersionUID = 1L;

        Slots(int count) {
            super(count);
        }

        void takeAway(int count) {
            reducePermits(count);
        }
    }

    /** So many rows, and no more than fit so many bytes; one may wait, whatever its size. */
    QueueSlots(int most, long memory) {
        this.most = most;
        this.memory = memory;
        this.limit = most;
        this.free = new Slots(most);
    }

    /** Says how many bytes the largest row has. Those that wait already stay. */
    synchronized void rowsOf(long bytes) {
        int now = (int) Math.max(1, Math.min(most, memory / Math.max(1, bytes)));
        if (now < limit) {
            free.takeAway(limit - now);
        } else if (now > limit) {
            free.release(now - limit);
        }
        limit = now;
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
        return Math.max(0, limit - free.availablePermits());
    }

    int limit() {
        return limit;
    }

    /** How many bytes they may take. */
    long memory() {
        return memory;
    }

    /** Whether it is the memory that lets no more rows wait, and not their number. */
    boolean isMemoryTheLimit() {
        return limit < most;
    }
}
