package dev.cresset.internal.batching;

import java.util.Set;
import java.util.concurrent.Executor;
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

    /**
     * Threads come as callbacks block, and soon go when they have nothing to do: they keep this class's loader, which may be
     * that of an application that is gone.
     */
    private static final Executor OWN = new ThreadPoolExecutor(
            0, Integer.MAX_VALUE, 1, TimeUnit.SECONDS, new SynchronousQueue<>(), new Threads("cresset-callbacks"));

    private static final System.Logger LOG = System.getLogger("dev.cresset");
    private static final Runnable[] NONE = {};

    /** For which batch a thread is asking for another thread. */
    private static final ThreadLocal<@Nullable Completions> ASKING = new ThreadLocal<>();

    private final Executor executor;
    private final @Nullable Set<Completions> handedOver;
    private final int most;
    private Runnable[] ends = NONE;
    private int size;
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicBoolean called = new AtomicBoolean();

    /** For no more ends than that. An executor's are in the set from their dispatch until the last of them is begun. */
    Completions(@Nullable Executor executor, Set<Completions> handedOver, int most) {
        this.executor = executor == null ? OWN : executor;
        this.handedOver = executor == null ? null : handedOver;
        this.most = most;
    }

    /** On the library's own threads. */
    private Completions(Runnable end) {
        this.executor = OWN;
        this.handedOver = null;
        this.ends = new Runnable[] {end};
        this.size = 1;
        this.most = 1;
    }

    /** Runs something away from the calling thread, if there is another to be had. */
    public static void run(Runnable task) {
        new Completions(task).dispatch();
    }

    /** One more end; to be called before the dispatch. */
    public void add(Runnable end) {
        if (size == 0) {
            ends = new Runnable[most];
        }
        ends[size++] = end;
    }

    void dispatch() {
        if (size > 0) {
            if (handedOver != null) {
                handedOver.add(this);
            }
            called.set(true);
            call();
        }
    }

    /** Whatever becomes of executors, nobody waits for ever. */
    private void call() {
        try {
            executor.execute(this);
        } catch (Throwable e) {
            // A caller's executor that is shut down, or full; or there are no more threads to be had.
            if (executor == OWN) {
                run();
            } else {
                onOwnThread();
            }
        }
    }

    /** Runs what is left, away from the executor. */
    void onOwnThread() {
        new Completions((Runnable) this).call();
    }

    @Override
    public void run() {
        called.set(false);
        if (ASKING.get() == this) {
            return; // the executor runs what it is given at once: this thread goes on where it asked
        }
        for (int i = next.getAndIncrement(); i < size; i = next.getAndIncrement()) {
            if (i + 1 < size && !called.get() && called.compareAndSet(false, true)) {
                askForAnother();
            }
            if (i + 1 == size && handedOver != null) {
                handedOver.remove(this);
            }
            end(ends[i]);
        }
    }

    private void askForAnother() {
        Completions before = ASKING.get();
        ASKING.set(this);
        try {
            call();
        } finally {
            ASKING.set(before);
        }
    }

    private static void end(Runnable end) {
        try {
            end.run();
        } catch (Throwable e) {
            LOG.log(System.Logger.Level.WARNING, "a callback's context failed", e);
        }
    }
}
