package dev.cresset.internal.batching;

import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * How long a worker keeps a batch back for more rows: at most the batching's delay from its first row on, and no longer than
 * until as many rows are there as came together last time, or until the worker is wanted elsewhere.
 *
 * <p>A worker's own, which waits; anybody may cut the wait short.
 */
final class BatchDelay {

    private final long maxNanos;
    private final Thread worker;
    private final BooleanSupplier isWantedElsewhere;
    private volatile boolean waits;

    BatchDelay(long maxNanos, Thread worker, BooleanSupplier isWantedElsewhere) {
        this.maxNanos = maxNanos;
        this.worker = worker;
        this.isWantedElsewhere = isWantedElsewhere;
    }

    boolean isNone() {
        return maxNanos == 0;
    }

    /** Whether the batch need not wait for more rows. */
    boolean isOver(Batch batch) {
        return isNone() || batch.isComplete() || left(batch) <= 0;
    }

    /** Waits, on the worker's thread. */
    void await(Batch batch) {
        if (isNone()) {
            return;
        }
        waits = true;
        batch.awaitedBy(worker);
        long left = left(batch);
        while (left > 0 && !batch.isComplete() && !isWantedElsewhere.getAsBoolean()) {
            LockSupport.parkNanos(this, left);
            Thread.interrupted(); // of a callback on this thread; it would keep the worker from parking
            left = left(batch);
        }
        waits = false;
    }

    /** Has the worker look again whether it is wanted elsewhere. */
    void cutShort() {
        if (waits) {
            LockSupport.unpark(worker);
        }
    }

    private long left(Batch batch) {
        return batch.firstSettled() + maxNanos - System.nanoTime();
    }
}
