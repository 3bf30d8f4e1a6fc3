package dev.cresset.internal;

import java.lang.ref.Cleaner;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

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

    /** How often who waits looks whether the JVM ends. */
    private static final long LOOK_NANOS = 50_000_000;

    /** What a thread is inside of, on behalf of others; empty for those that are not, whose class loaders it must not keep. */
    private static final ThreadLocal<Deque<Object>> CALLING = ThreadLocal.withInitial(() -> new ArrayDeque<>(4));

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

    /** Waits as {@link #awaitFreed(Runnable)} does. */
    public boolean awaitFreed() {
        return awaitFreed(() -> {});
    }

    /**
     * Waits until the thing is freed, but not for ever: a call that never ends must not hold its closer, and one that closes
     * what it is inside of does not wait at all, nor does who waits for one that has called {@code System.exit}. Whoever is
     * last inside frees then. An interrupt ends the wait too, and stays set.
     *
     * @param standstill what to do when the JVM ends and nothing moves: an executor whose thread has called {@code
     *     System.exit} runs nothing any more
     * @return false if that has taken too long, or will
     */
    public boolean awaitFreed(Runnable standstill) {
        if (isCalling()) {
            return true; // not before the caller has returned
        }
        try {
            boolean freed = await(LONGEST_WAIT, standstill);
            if (!freed) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "closed, but " + (word.get() & ~CLOSED) + " calls are still running, for " + LONGEST_WAIT
                                + " or because one of them has called System.exit; the last of them frees the memory");
            }
            return freed;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    /** Waits until the thing is freed, or so long, or until the JVM ends and no call inside can. */
    public boolean await(Duration longest) throws InterruptedException {
        return await(longest, () -> {});
    }

    /** Waits until the thing is freed, or so long, whatever becomes of the JVM: for a thread that nobody waits for. */
    public boolean awaitOnDaemon(Duration longest) throws InterruptedException {
        return done.await(TimeUnit.NANOSECONDS.convert(longest), TimeUnit.NANOSECONDS);
    }

    private boolean await(Duration longest, Runnable standstill) throws InterruptedException {
        Exit exit = new Exit();
        long start = System.nanoTime();
        long most = TimeUnit.NANOSECONDS.convert(longest); // the most there is, where that is too long
        for (long left = most; left > 0; left = most - (System.nanoTime() - start)) {
            if (done.await(Math.min(left, LOOK_NANOS), TimeUnit.NANOSECONDS)) {
                return true;
            }
            if (exit.standsStill(word.get())) {
                if (exit.isFromInside()) {
                    return false;
                }
                standstill.run();
            }
        }
        return isFreed();
    }

    /** Whether the thing is freed. */
    public boolean isFreed() {
        return done.getCount() == 0;
    }

    /** Runs code of others from the inside: should it close the thing, it does not wait for itself. */
    public void calling(Runnable outsider) {
        beginCalling();
        try {
            outsider.run();
        } finally {
            endCalling();
        }
    }

    /** From now on, this thread is inside on behalf of others. Hot path. */
    public void beginCalling() {
        CALLING.get().push(this);
    }

    /** Ends what this thread began last. */
    public void endCalling() {
        CALLING.get().pop();
    }

    private boolean isCalling() {
        return CALLING.get().contains(this);
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
