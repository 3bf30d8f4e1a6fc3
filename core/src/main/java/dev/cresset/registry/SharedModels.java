package dev.cresset.registry;

import dev.cresset.internal.Durations;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Models that many parts of a process ask for and nobody owns: the tasks of a cluster's framework, for instance. Each is opened
 * once, by whoever comes first, and shared by those that hold a {@link Lease} of it.
 *
 * <pre>{@code
 * static final SharedModels<String, Predictor<float[], float[]>> MODELS = SharedModels.builder().build();
 *
 * try (SharedModels.Lease<Predictor<float[], float[]>> risk = MODELS.acquire("risk.mar", () -> open("risk.mar"))) {
 *     risk.model().predict(row);
 * }
 * }</pre>
 *
 * <p>Opening runs on a thread of its own, with the context class loader of the thread that asks first: a task that is interrupted while it
 * waits takes nothing from the others. If it fails, all that wait hear the same reason.
 *
 * <p>A model is closed when the last lease of it is, or after it was idle for as long as {@link Builder#keepIdle} says; what is
 * acquired from then on is another one. Idle ones are closed when the JVM ends, too.
 *
 * <p>A key may name class loaders, as those of jobs whose handlers no other job knows, and keeps them only while its model is
 * open. {@code List.of(...)} of the parts makes such a key. A record does not: the JDK makes its {@code equals} once for all,
 * and that remembers classes of what it compared, and so a class loader that should go.
 *
 * <p>Safe for use by several threads. No lock is held while a model is opened or closed.
 *
 * @param <K> what tells models apart
 * @param <M> what is shared: a {@link dev.cresset.Predictor}, a {@link ModelRegistry}, or what has one
 */
public final class SharedModels<K, M extends AutoCloseable> {

    private final long keepIdleNanos;
    private final long keepFailedNanos;
    private final Map<K, SharedModel<M>> open = new HashMap<>(); // guarded by this

    /** Both are there while a model is, if models are kept; guarded by this. */
    private @Nullable Thread hook;

    private @Nullable ScheduledThreadPoolExecutor sweeper;

    private SharedModels(Builder builder) {
        this.keepIdleNanos = builder.keepIdleNanos;
        this.keepFailedNanos = builder.keepFailedNanos;
    }

    /** Models that are closed with their last lease, unless it says otherwise. */
    public static Builder builder() {
        return new Builder();
    }

    /** How long what nobody uses is kept. Not safe for use by several threads. */
    public static final class Builder {
        private long keepIdleNanos;
        private long keepFailedNanos;

        private Builder() {}

        /**
         * Keeps a model that nobody holds; without it, it is closed at once.
         *
         * @param idle how long; zero for not at all
         */
        public Builder keepIdle(Duration idle) {
            this.keepIdleNanos = nanos(idle, "an idle model");
            return this;
        }

        /**
         * Remembers that a model could not be opened, and why, so that those who ask later do not each try in vain; without it,
         * who comes after all that waited tries again.
         *
         * @param failed how long; zero for not at all
         */
        public Builder keepFailed(Duration failed) {
            this.keepFailedNanos = nanos(failed, "a failure");
            return this;
        }

        private static long nanos(Duration duration, String what) {
            if (duration.isNegative()) {
                throw new IllegalArgumentException(what + " cannot be kept for " + duration + "; zero keeps none");
            }
            return Durations.nanos(duration);
        }

        /** The models, none of them open. */
        public <K, M extends AutoCloseable> SharedModels<K, M> build() {
            return new SharedModels<>(this);
        }
    }

    /** A hold on a model, to be closed, once or more often. Safe for use by several threads. */
    public static final class Lease<M extends AutoCloseable> implements AutoCloseable {
        private final M model;
        private final Runnable release;
        private final AtomicBoolean isClosed = new AtomicBoolean();

        private Lease(M model, Runnable release) {
            this.model = model;
            this.release = release;
        }

        /** The model; not to be closed by who holds the lease, and not to be used after the lease is closed. */
        public M model() {
            return model;
        }

        /** Lets the model go; closes it, if it is the last that held it and idle ones are not kept. */
        @Override
        public void close() {
            if (isClosed.compareAndSet(false, true)) {
                release.run();
            }
        }
    }

    /**
     * Takes a lease of the key's model, which is opened if it is not open.
     *
     * @param key which model
     * @param opening opens it; of callers with one key, the first one's is used
     * @throws InterruptedException if the thread is interrupted while it waits
     * @throws ExecutionException if the model could not be opened; its cause is what opening threw
     */
    public Lease<M> acquire(K key, Callable<? extends M> opening) throws InterruptedException, ExecutionException {
        SharedModel<M> shared;
        boolean isFirst = false;
        synchronized (this) {
            SharedModel<M> known = open.get(key);
            if (known == null || (known.hasFailed() && isOver(known))) {
                known = new SharedModel<>();
                open.put(key, known);
                isFirst = true;
            }
            shared = known;
            shared.hold();
            watch();
        }
        boolean success = false;
        try {
            if (isFirst) {
                shared.openOnItsOwnThread(opening);
            }
            M model = shared.await();
            success = true;
            return new Lease<>(model, () -> release(key, shared));
        } finally {
            if (!success) {
                release(key, shared);
            }
        }
    }

    private void release(K key, SharedModel<M> shared) {
        boolean mustClose;
        synchronized (this) {
            shared.letGo(System.nanoTime());
            if (isOver(shared) && open.remove(key, shared)) {
                shared.retire();
                unwatchIfEmpty();
            }
            mustClose = shared.mustBeClosed();
        }
        if (mustClose) {
            shared.close();
        }
    }

    /** Whether nobody has held it for as long as it is kept; called under the lock. */
    private boolean isOver(SharedModel<M> shared) {
        return shared.isIdle(System.nanoTime(), shared.hasFailed() ? keepFailedNanos : keepIdleNanos);
    }

    /** The keys of those that are open or being opened, and of those that are remembered as failed, now. */
    public synchronized Set<K> keys() {
        return Set.copyOf(open.keySet());
    }

    /** Closes those that nobody has held for long enough, as happens by itself from time to time. */
    void closeIdle() {
        closeIf(this::isOver);
    }

    /** Closes all: those that nobody holds now, the others when they are let go. Who asks later gets new ones. */
    public void closeAll() {
        closeIf(shared -> true);
    }

    private void closeIf(Predicate<SharedModel<M>> condition) {
        List<SharedModel<M>> mine = new ArrayList<>();
        synchronized (this) {
            open.values().removeIf(shared -> {
                if (!condition.test(shared)) {
                    return false;
                }
                shared.retire();
                if (shared.mustBeClosed()) {
                    mine.add(shared);
                }
                return true;
            });
            unwatchIfEmpty();
        }
        mine.forEach(SharedModel::close);
    }

    /** For the end of the JVM: those that are held are closed, too, and wait for their running calls as ever. */
    private void closeAtExit() {
        List<SharedModel<M>> all;
        synchronized (this) {
            hook = null;
            all = new ArrayList<>(open.values());
            open.clear();
        }
        all.forEach(SharedModel::close);
    }

    /** Looks for idle ones, and for the JVM's end, while there are models; called under the lock. */
    private void watch() {
        long keptNanos = Math.max(keepIdleNanos, keepFailedNanos);
        if (keptNanos == 0 || sweeper != null) {
            return;
        }
        Thread atExit = new Thread(this::closeAtExit, "cresset-shared-exit");
        try {
            Runtime.getRuntime().addShutdownHook(atExit);
        } catch (IllegalStateException e) {
            return; // the JVM ends; its memory goes with it
        }
        hook = atExit;
        ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "cresset-shared-idle");
            thread.setDaemon(true);
            return thread;
        });
        long period = Math.max(1, keptNanos / 4);
        ScheduledFuture<?> unused = timer.scheduleWithFixedDelay(this::closeIdle, period, period, TimeUnit.NANOSECONDS);
        sweeper = timer;
    }

    /** Nothing of this class stays behind, so that its class loader can go; called under the lock. */
    private void unwatchIfEmpty() {
        if (!open.isEmpty()) {
            return;
        }
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
