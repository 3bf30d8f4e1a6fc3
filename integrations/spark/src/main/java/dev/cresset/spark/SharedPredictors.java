package dev.cresset.spark;

import dev.cresset.Predictor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The predictors of a JVM: one to each key, opened by whoever comes first, held by those that ask it, closed when nobody has held
 * it for a while, or when the JVM ends.
 *
 * <p>Opening runs on a thread of its own: a task that is killed while it waits takes nothing from the others. A failure to open
 * is remembered for a short time, so that the tasks of an executor fail with one reason and not each after a try of its own.
 *
 * <p>The lock guards the map and the counts; it is not held while a predictor is opened or closed. Safe for use by several
 * threads.
 */
final class SharedPredictors {

    /** Opens a predictor. */
    interface Opener<I, O> {
        Predictor<I, O> open() throws Exception;
    }

    /** Those of this JVM; as many as there are class loaders with this class. */
    static final SharedPredictors OF_THIS_JVM = new SharedPredictors(Duration.ofMinutes(10), Duration.ofSeconds(30));

    private final long keepIdleNanos;
    private final long keepFailedNanos;
    private final Map<PredictorKey, SharedPredictor<?, ?>> open = new HashMap<>(); // guarded by this
    private @Nullable Thread hook; // guarded by this

    private @Nullable ScheduledExecutorService sweeper; // guarded by this

    SharedPredictors(Duration keepIdle, Duration keepFailed) {
        this.keepIdleNanos = keepIdle.toNanos();
        this.keepFailedNanos = keepFailed.toNanos();
    }

    /**
     * The key's predictor, which the first caller has opened; held until the lease is closed.
     *
     * @throws InterruptedException if the thread is interrupted while it waits
     * @throws RuntimeException what opening threw
     */
    @SuppressWarnings("unchecked") // a key stands for one kind of handler, of one class loader
    <I, O> PredictorLease<I, O> acquire(PredictorKey key, Opener<I, O> opener) throws InterruptedException {
        SharedPredictor<I, O> shared;
        boolean first = false;
        synchronized (this) {
            SharedPredictor<I, O> known = (SharedPredictor<I, O>) open.get(key);
            if (known == null || known.isOver(System.nanoTime(), keepFailedNanos)) {
                known = new SharedPredictor<>();
                open.put(key, known);
                first = true;
            }
            shared = known;
            shared.hold();
            watch();
        }
        if (first) {
            shared.openOnItsOwnThread(opener);
        }
        boolean success = false;
        try {
            Predictor<I, O> predictor = shared.await();
            success = true;
            return new PredictorLease<>(this, shared, predictor);
        } finally {
            if (!success) {
                release(shared);
            }
        }
    }

    void release(SharedPredictor<?, ?> shared) {
        boolean mustClose;
        synchronized (this) {
            mustClose = shared.letGo(System.nanoTime());
        }
        if (mustClose) {
            shared.close();
        }
    }

    /** How many there are, those included that are being opened. */
    synchronized int size() {
        return open.size();
    }

    /** How many of them are a model's, asked by handlers of a class. */
    synchronized int sizeOf(String model, String handler) {
        return (int) open.keySet().stream()
                .filter(key -> key.model().equals(model) && key.handler().equals(handler))
                .count();
    }

    /** Closes those that nobody has held for long enough. */
    void closeIdle() {
        close(keepIdleNanos);
    }

    /** Closes all; those that are held, when they are let go. */
    void closeAll() {
        close(Long.MIN_VALUE);
    }

    private void close(long idleNanos) {
        List<SharedPredictor<?, ?>> mine = new ArrayList<>();
        synchronized (this) {
            long now = System.nanoTime();
            open.values().removeIf(shared -> {
                boolean goes = idleNanos == Long.MIN_VALUE || shared.isIdle(now, idleNanos);
                if (goes && shared.retire()) {
                    mine.add(shared);
                }
                return goes;
            });
            if (open.isEmpty()) {
                unwatch();
            }
        }
        mine.forEach(SharedPredictor::close);
    }

    /** For the end of the JVM: waits for those that are held, too, as a predictor's close does. */
    private void closeAtExit() {
        List<SharedPredictor<?, ?>> all;
        synchronized (this) {
            hook = null;
            all = new ArrayList<>(open.values());
            open.clear();
        }
        all.forEach(SharedPredictor::close);
    }

    /** While there is one, the end of the JVM is waited for, and idle ones are looked for. Called under the lock. */
    private void watch() {
        if (hook == null) {
            Thread atExit = new Thread(this::closeAtExit, "cresset-spark-exit");
            try {
                Runtime.getRuntime().addShutdownHook(atExit);
                hook = atExit;
            } catch (IllegalStateException e) {
                return; // the JVM ends; its memory goes with it
            }
        }
        if (sweeper == null) {
            ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1, task -> {
                Thread thread = new Thread(task, "cresset-spark-idle");
                thread.setDaemon(true);
                return thread;
            });
            long period = Math.max(1, keepIdleNanos / 4);
            ScheduledFuture<?> unused =
                    timer.scheduleWithFixedDelay(this::closeIdle, period, period, TimeUnit.NANOSECONDS);
            sweeper = timer;
        }
    }

    /** Nothing of this class stays behind: its loader can go. Called under the lock. */
    private void unwatch() {
        if (hook != null) {
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException e) {
                return; // it runs
            }
            hook = null;
        }
        if (sweeper != null) {
            sweeper.shutdown();
            sweeper = null;
        }
    }
}
