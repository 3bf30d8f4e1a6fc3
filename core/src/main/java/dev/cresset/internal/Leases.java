package dev.cresset.internal;

import java.lang.ref.Cleaner;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Counts the calls inside a closeable thing, so that it is freed after the last of them and none enters a freed one.
 *
 * <p>One word holds a closed bit and the count. Entering adds one unless the bit is set, closing sets the bit: both by
 * compare-and-set on the same word, so each entry is either before the close, and is waited for, or after it, and is
 * refused. Whoever brings the word to "closed, none inside" frees, exactly once; that is the closer or the last call
 * out. Nobody waits under a lock, and nobody waits inside native code.
 *
 * <p>Hot path: allocates nothing. Instances are safe for use by several threads.
 */
public final class Leases {

    private static final long CLOSED = Long.MIN_VALUE;
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);
    private static final System.Logger LOG = System.getLogger("dev.cresset");
    private static final Cleaner CLEANER = Cleaner.create();

    private static final ThreadLocal<@Nullable Leases> CALLING = new ThreadLocal<>();

    private final AtomicLong word = new AtomicLong();
    private final AtomicBoolean freed = new AtomicBoolean();
    private final CountDownLatch done = new CountDownLatch(1);
    private final Runnable free;

    /** Counts for a thing that {@code free} frees. */
    public Leases(Runnable free) {
        this.free = free;
    }

    /** Closes when the owner is garbage. The thing and {@code free} must not refer to it. */
    public void closeWhenForgotten(Object owner) {
        whenForgotten(owner, this::close);
    }

    /** Does something when an owner is garbage; it must not refer to the owner. */
    public static void whenForgotten(Object owner, Runnable closing) {
        CLEANER.register(owner, closing);
    }

    /** Enters; false once closed. */
    public boolean enter() {
        long now = word.get();
        while (now >= 0) {
            if (word.compareAndSet(now, now + 1)) {
                return true;
            }
            now = word.get();
        }
        return false;
    }

    /** Leaves, as often as entered. */
    public void leave() {
        if (word.decrementAndGet() == CLOSED) {
            freeOnce();
        }
    }

    /** Whether {@link #close} was called. */
    public boolean isClosed() {
        return word.get() < 0;
    }

    /** Refuses whoever comes, without waiting for those inside; the last of them frees. */
    public void close() {
        long now = word.get();
        while (now >= 0) {
            if (word.compareAndSet(now, now | CLOSED)) {
                if (now == 0) {
                    freeOnce();
                }
                return;
            }
            now = word.get();
        }
    }

    /**
     * Waits until the thing is freed, but not for ever: a call that never ends, or one that closes what it is inside of, must
     * not hold its closer. Whoever is last inside frees then. An interrupt ends the wait too, and stays set.
     *
     * @return false if that has taken too long
     */
    public boolean awaitFreed() {
        if (CALLING.get() == this) {
            return true; // not before the caller has returned
        }
        try {
            boolean freed = done.await(LONGEST_WAIT.toMillis(), TimeUnit.MILLISECONDS);
            if (!freed) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "closed, but " + (word.get() & ~CLOSED) + " calls are still running after " + LONGEST_WAIT
                                + "; the last of them frees the memory");
            }
            return freed;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    /** Whether the thing is freed. */
    public boolean isFreed() {
        return done.getCount() == 0;
    }

    /** Runs code of others from the inside: should it close the thing, it does not wait for itself. */
    public void calling(Runnable outsider) {
        Leases before = CALLING.get();
        CALLING.set(this);
        try {
            outsider.run();
        } finally {
            CALLING.set(before);
        }
    }

    private void freeOnce() {
        if (freed.compareAndSet(false, true)) {
            try {
                free.run();
            } finally {
                done.countDown();
            }
        }
    }
}
