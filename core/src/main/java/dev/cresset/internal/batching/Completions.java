package dev.cresset.internal.batching;

import java.util.Arrays;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The ends of a batch's requests that may run callers' code, away from the thread that ran the batch.
 *
 * <p>A batch is one task for the executor. Whoever is about to run an end asks for another thread first if more are left:
 * should this one take long, the other goes on with the rest. So a slow callback holds up nobody, as long as the executor
 * has threads.
 */
public final class Completions implements Runnable {

    /** Threads come as callbacks block, and go when they have nothing to do. */
    private static final Executor OWN = new ThreadPoolExecutor(
            0, Integer.MAX_VALUE, 10, TimeUnit.SECONDS, new SynchronousQueue<>(), new Threads("cresset-callbacks"));

    private static final Runnable[] NONE = {};

    private final Executor executor;
    private Runnable[] ends = NONE;
    private int size;
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicBoolean called = new AtomicBoolean();

    Completions(@Nullable Executor executor) {
        this.executor = executor == null ? OWN : executor;
    }

    /** Runs something away from the calling thread. */
    public static void run(Runnable task) {
        OWN.execute(task);
    }

    /** One more end; to be called before the dispatch. */
    public void add(Runnable end) {
        if (size == ends.length) {
            ends = Arrays.copyOf(ends, Math.max(8, 2 * size));
        }
        ends[size++] = end;
    }

    void dispatch() {
        if (size > 0) {
            called.set(true);
            call();
        }
    }

    private void call() {
        try {
            executor.execute(this);
        } catch (RejectedExecutionException e) {
            // The caller's executor is shut down; its futures are not lost.
            OWN.execute(this);
        }
    }

    @Override
    public void run() {
        called.set(false);
        for (int i = next.getAndIncrement(); i < size; i = next.getAndIncrement()) {
            if (i + 1 < size && !called.get() && called.compareAndSet(false, true)) {
                call();
            }
            ends[i].run();
        }
    }
}
