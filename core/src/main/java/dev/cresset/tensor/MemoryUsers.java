package dev.cresset.tensor;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

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
    private static final LongAdder ALIVE = new LongAdder();

    private final AtomicInteger users = new AtomicInteger(1);
    private final AtomicBoolean owned = new AtomicBoolean(true);
    private final long bytes;
    private final long counted;
    private final boolean lent;
    private volatile Runnable free;
    private boolean viewed; // guarded by this
    private boolean lingers; // guarded by this

    private MemoryUsers(long bytes, long counted, boolean lent, Runnable free) {
        this.lent = lent;
        this.bytes = bytes;
        this.counted = counted;
        this.free = free;
    }

    /** Of bytes that are the library's, or an engine's, until they are freed. */
    static MemoryUsers of(long bytes, Runnable free) {
        ALIVE.add(bytes);
        return new MemoryUsers(bytes, bytes, /* lent= */ false, free);
    }

    /** Of bytes that are a caller's. */
    static MemoryUsers ofLent(long bytes) {
        return new MemoryUsers(bytes, 0, /* lent= */ true, () -> {});
    }

    /** How many bytes were not freed yet. */
    static long alive() {
        return ALIVE.sum();
    }

    /** Whether the bytes are a caller's. */
    boolean isLent() {
        return lent;
    }

    boolean isAlive() {
        return users.get() > 0;
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
            ALIVE.add(-counted);
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
