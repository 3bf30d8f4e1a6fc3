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
    private volatile boolean lingers;

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
        release();
        // Buffers are tiny on the heap, whatever they stand for, so the collector sees no reason of its own to hurry.
        if (lingers && LINGERING.addAndGet(bytes) > LINGERING_LIMIT) {
            System.gc();
        }
    }

    /** A view was handed out. */
    void lingers() {
        lingers = true;
    }

    /** The last view is garbage. */
    void releaseLingering() {
        if (!owned.get()) {
            LINGERING.addAndGet(-bytes);
        }
        release();
    }

    /** A view of the JVM's own memory was handed out: the JVM frees it after the last of them, as it always does. */
    void leaveToTheJvm() {
        free = () -> {};
    }
}
