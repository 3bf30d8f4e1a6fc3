package dev.cresset.tensor;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The count of those who need a tensor's bytes, apart from the tensor so that a cleaner can hold it. It starts at one, for
 * the tensor itself, and {@code free} runs once, when it reaches zero.
 *
 * <p>Instances are safe for use by several threads.
 */
final class MemoryUsers {

    /** Closed tensors may leave this much to views that the collector has not found yet, before it is asked to look. */
    private static final long LINGERING_LIMIT = 256L << 20;

    private static final AtomicLong LINGERING = new AtomicLong();

    private final AtomicInteger users = new AtomicInteger(1);
    private final AtomicBoolean owned = new AtomicBoolean(true);
    private final long bytes;
    private volatile Runnable free;
    private boolean viewed; // guarded by this
    private boolean lingers; // guarded by this

    MemoryUsers(long bytes, Runnable free) {
        this.bytes = bytes;
        this.free = free;
    }

    boolean acquire() {
        int count = users.get();
        while (count > 0) {
            if (users.compareAndSet(count, count + 1)) {
                return true;
            }
            count = users.get();
        }
        return false;
    }

    void release() {
        if (users.decrementAndGet() == 0) {
            free.run();
        }
    }

    /** The tensor was closed, or is garbage: whichever comes first counts. */
    void releaseOwner() {
        if (!owned.compareAndSet(true, false)) {
            return;
        }
        boolean tooMuch = false;
        synchronized (this) {
            if (viewed) {
                lingers = true;
                tooMuch = LINGERING.addAndGet(bytes) > LINGERING_LIMIT;
            }
        }
        release();
        // Buffers are tiny on the heap, whatever they stand for, so the collector sees no reason of its own to hurry.
        if (tooMuch) {
            System.gc();
        }
    }

    /** A view was handed out, which counts as one more user until {@link #releaseViews}. */
    synchronized void view() {
        viewed = true;
        acquire();
    }

    /** The last view is garbage. */
    void releaseViews() {
        synchronized (this) {
            viewed = false;
            if (lingers) {
                LINGERING.addAndGet(-bytes);
            }
        }
        release();
    }

    /** A view of the JVM's own memory was handed out: the JVM frees it after the last of them, as it always does. */
    void leaveToTheJvm() {
        free = () -> {};
    }
}
