package dev.cresset.internal.batching;

import dev.cresset.tensor.Value;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What was learned of a model by running it: whether a run is so quick that handing it to another thread would cost more than
 * it gives, whether requests come together at all, and whether its outputs can be divided. Safe for use by several threads.
 */
final class RunProfile {

    private static final System.Logger LOG = System.getLogger("dev.cresset");

    /** Handing over costs some ten microseconds, and twice that on a busy machine. */
    private static final long QUICK_NANOS = 200_000;

    private static final int LOOKS = 8;

    private static final long SLOW_NANOS = 20 * QUICK_NANOS;

    private final String model;
    private final AtomicInteger looks = new AtomicInteger();
    private final AtomicLong fastest = new AtomicLong(Long.MAX_VALUE);
    private final AtomicBoolean alone = new AtomicBoolean();
    private volatile boolean quick = true;
    private volatile boolean lone = true;

    RunProfile(String model) {
        this.model = model;
    }

    /** Runs a buffer, and watches the first few times. */
    Value run(BatchBuffer buffer, int bucket) {
        if (looks.getPlain() >= LOOKS) {
            return buffer.run(bucket);
        }
        long start = System.nanoTime();
        Value value = buffer.run(bucket);
        saw(System.nanoTime() - start);
        return value;
    }

    /**
     * Looks as often as is needed, before anybody is served; less often at what takes so long that one more look tells nothing: the run
     * after those in which it gets ready tells what all take, give or take what disturbs it.
     */
    void watch(BatchBuffer buffer) {
        while (looks.get() < LOOKS) {
            run(buffer, 0);
            if (looks.get() > buffer.warmUpRuns() && fastest.get() >= SLOW_NANOS) {
                looks.set(LOOKS);
                quick = false;
            }
        }
    }

    /** Told what a run takes, before the first: whether that is so long that there is nothing to watch for. */
    boolean isSlow(Duration runTime) {
        boolean slow = runTime.compareTo(Duration.ofNanos(SLOW_NANOS)) >= 0;
        if (slow) {
            looks.set(LOOKS);
            quick = false;
        }
        return slow;
    }

    /** A run took so long. The fastest counts: the others were disturbed, or the model's first. */
    private void saw(long nanos) {
        long least = fastest.accumulateAndGet(nanos, Math::min);
        if (looks.incrementAndGet() >= LOOKS) {
            quick = least < QUICK_NANOS;
        }
    }

    /** Whether callers that wait may as well run. True until the contrary is known. */
    boolean isQuick() {
        return quick;
    }

    /** A batch had so many rows. */
    void together(int rows) {
        if (lone != rows <= 1) {
            lone = rows <= 1;
        }
    }

    /** Whether the last batch was one row: then there is nobody to wait for. */
    boolean isLone() {
        return lone;
    }

    /** Rows run one by one from now on. */
    void oneByOne(String reason) {
        if (alone.compareAndSet(false, true)) {
            LOG.log(System.Logger.Level.WARNING, model + " answers requests one by one, not in batches: " + reason);
        }
    }

    boolean isOneByOne() {
        return alone.getPlain();
    }
}
