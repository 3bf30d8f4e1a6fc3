package dev.cresset.internal.batching;

import dev.cresset.internal.Leases;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The batches that are ready, and who runs them: as many at once as there are permits. A permit is taken by a worker thread,
 * or by a caller that would otherwise wait for one. Worker threads are started when they are first needed.
 *
 * <p>No batch is forgotten: who adds one looks for a permit after that, and who gives a permit back looks for batches after
 * that. Both steps are on volatile words, so at least one of the two sees the other's. A worker says that it is parked
 * before it looks a last time, for the same reason.
 */
final class WorkerPool implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger("dev.cresset");

    /** How often a worker without work looks again before it parks; looking costs less than being woken. */
    private static final int LOOKS = 20;

    private final ConcurrentLinkedQueue<Batch> ready = new ConcurrentLinkedQueue<>();
    private final AtomicInteger permits;
    private final Worker[] workers;
    private final Replicas replicas;
    private final Runner runner;
    private final Leases leases;
    private final long maxDelayNanos;
    private final AtomicInteger retired = new AtomicInteger();
    private volatile boolean closed;

    /** Workers share the replicas evenly, each bound to one for as long as it lives. */
    WorkerPool(ThreadFactory threads, int count, long maxDelayNanos, Replicas replicas, Runner runner, Runnable free) {
        this.replicas = replicas;
        this.leases = new Leases(free);
        this.permits = new AtomicInteger(count);
        this.workers = new Worker[count];
        this.maxDelayNanos = maxDelayNanos;
        this.runner = runner;
        for (int i = 0; i < count; i++) {
            workers[i] = new Worker(threads, i % replicas.count());
        }
    }

    /** A batch has its first row. The caller sees to it that it is run: by {@link #runNext}, or by {@link #call}. */
    void add(Batch batch) {
        ready.add(batch);
    }

    /** Runs the oldest batch on the calling thread, if there is one, and a permit. */
    boolean runNext() {
        return runNext(batch -> {});
    }

    /** Callbacks' turn is after the permit: an executor may have them run here, and they may ask again. */
    private boolean runNext(Consumer<Batch> before) {
        if (replicas.computeBeside()) {
            return runNextBeside();
        }
        if (ready.isEmpty() || permits.get() == 0 || !enter()) {
            return false;
        }
        Completions ends;
        try {
            Batch batch = ready.poll();
            if (batch == null) {
                return false;
            }
            before.accept(batch);
            ends = runner.run(batch);
        } finally {
            leave();
        }
        ends.dispatch();
        return true;
    }

    /**
     * For a callback that waits, on its worker's thread, or a caller for whom there is no thread. It needs no permit: those are the workers' own
     * here, and a worker runs callbacks while the next batch computes.
     */
    private boolean runNextBeside() {
        if (ready.isEmpty() || !leases.enter()) {
            return false;
        }
        Completions ends;
        try {
            Batch batch = ready.poll();
            if (batch == null) {
                return false;
            }
            ends = runner.finish(runner.start(batch, homeOf(batch)));
        } finally {
            leases.leave();
        }
        ends.dispatch();
        return true;
    }

    private int homeOf(Batch batch) {
        int replicaNumber = batch.buffer().replicaNumber();
        return replicas.isInService(replicaNumber) ? replicaNumber : replicas.next();
    }

    /** Whether this thread is a worker's. */
    boolean isWorker(Thread thread) {
        for (Worker worker : workers) {
            if (worker.thread == thread) {
                return true;
            }
        }
        return false;
    }

    private boolean enter() {
        if (!leases.enter()) {
            return false;
        }
        if (permit()) {
            return true;
        }
        leases.leave();
        return false;
    }

    private boolean permit() {
        int free = permits.get();
        while (free > 0) {
            if (permits.compareAndSet(free, free - 1)) {
                return true;
            }
            free = permits.get();
        }
        return false;
    }

    private void leave() {
        permits.incrementAndGet();
        leases.leave();
        if (!ready.isEmpty()) {
            call();
        }
    }

    /**
     * Sees to it that a worker comes, unless all permits are in use: then one of their holders does, when it leaves. Where the
     * system has no thread for it, the caller runs what is there: nobody waits for ever.
     */
    void call() {
        if (permits.get() == 0) {
            for (int i = 0; maxDelayNanos > 0 && i < workers.length; i++) {
                workers[i].delay.cutShort(); // another batch is ready, and nobody else can run it
            }
            return;
        }
        int first = firstToAsk();
        for (int i = 0; i < workers.length; i++) {
            if (workers[(first + i) % workers.length].wake()) {
                return;
            }
        }
        for (int i = 0; i < workers.length; i++) {
            Worker worker = workers[(first + i) % workers.length];
            if (worker.isFirst()) {
                startOrRun(worker);
                return;
            }
        }
    }

    /** One where the oldest batch's memory is: elsewhere it would be copied. */
    private int firstToAsk() {
        Batch oldest = replicas.count() == 1 ? null : ready.peek();
        return oldest == null ? 0 : oldest.buffer().replicaNumber();
    }

    private void startOrRun(Worker worker) {
        try {
            worker.start();
        } catch (OutOfMemoryError e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "a worker's thread could not be started, its caller runs the model",
                    e);
            runNext();
        }
    }

    int count() {
        return workers.length;
    }

    /** Starts all threads, has each do something first, and waits. */
    <T> void onEach(List<T> things, Consumer<T> action) throws InterruptedException {
        List<FutureTask<Void>> tasks = new ArrayList<>();
        for (int i = 0; i < workers.length; i++) {
            T thing = things.get(i);
            FutureTask<Void> task = new FutureTask<>(() -> action.accept(thing), null);
            tasks.add(task);
            workers[i].first = task;
            workers[i].start();
        }
        try {
            for (FutureTask<Void> task : tasks) {
                task.get();
            }
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e);
        }
    }

    int running() {
        return workers.length - retired.get() - permits.get();
    }

    /** Takes out all batches that nobody runs yet. */
    List<Batch> removeAll() {
        List<Batch> removed = new ArrayList<>();
        for (Batch batch = ready.poll(); batch != null; batch = ready.poll()) {
            removed.add(batch);
        }
        return removed;
    }

    /** Ends the threads. Nothing is run any more; after what is running, all is freed. */
    @Override
    public void close() {
        closed = true;
        leases.close();
        for (Worker worker : workers) {
            worker.wake();
            worker.delay.cutShort();
        }
    }

    /** Waits after the close until all is freed, but not for ever. */
    void awaitFreed() {
        leases.awaitFreed();
    }

    private final class Worker implements Runnable {
        private final AtomicBoolean parked = new AtomicBoolean();
        private final AtomicBoolean wanted = new AtomicBoolean();
        private final Thread thread;
        private final int replicaNumber;
        private final BatchDelay delay;
        private Runnable first = () -> {}; // before the start

        Worker(ThreadFactory threads, int replicaNumber) {
            this.replicaNumber = replicaNumber;
            this.thread = threads.newThread(this);
            this.delay = new BatchDelay(maxDelayNanos, thread, () -> closed || !ready.isEmpty());
        }

        /** Whether the caller is the first who wants it, and so is to start it. */
        boolean isFirst() {
            return !wanted.get() && wanted.compareAndSet(false, true);
        }

        /** If the system has no thread for it, it may be tried again. */
        void start() {
            boolean success = false;
            try {
                thread.start();
                success = true;
            } finally {
                wanted.set(success);
            }
        }

        boolean wake() {
            if (parked.get() && parked.compareAndSet(true, false)) {
                LockSupport.unpark(thread);
                return true;
            }
            return false;
        }

        @Override
        public void run() {
            first.run();
            while (!closed && replicas.isInService(replicaNumber)) {
                try {
                    if (!look()) {
                        park();
                    }
                } catch (Throwable e) {
                    LOG.log(System.Logger.Level.ERROR, "a worker failed unexpectedly, and goes on", e);
                }
            }
            if (!closed) {
                retire();
            }
        }

        /** Its device has failed, others work: what it was woken for is theirs. */
        private void retire() {
            permits.decrementAndGet();
            retired.incrementAndGet();
            if (!ready.isEmpty()) {
                call();
            }
        }

        @SuppressWarnings("ThreadPriorityCheck") // nothing depends on it: who sees nothing parks
        private boolean look() {
            for (int i = 0; i < LOOKS && !closed; i++) {
                if (replicas.computeBeside() ? runBeside() : delay.isNone() ? runNext() : runNext(delay::await)) {
                    return true;
                }
                Thread.yield();
            }
            return false;
        }

        /** Runs batches for as long as there are any: while one computes, the next is brought to its device, and begun. */
        private boolean runBeside() {
            if (ready.isEmpty() || !replicas.isInService(replicaNumber) || !enter()) {
                return false;
            }
            try {
                Running computing = begin(null);
                boolean ran = computing != null;
                while (computing != null) {
                    computing = endAfterNext(computing);
                }
                return ran;
            } finally {
                leave();
            }
        }

        private @Nullable Running endAfterNext(Running computing) {
            try {
                return begin(computing);
            } finally {
                runner.finish(computing).dispatch();
            }
        }

        private @Nullable Running begin(@Nullable Running computing) {
            Batch batch = computing == null ? ready.poll() : next();
            if (batch == null) {
                return null;
            }
            if (computing == null) {
                delay.await(batch);
            }
            return runner.start(batch, replicaNumber);
        }

        /** What need not wait for more rows, should another batch compute here that leaves the processors alone. */
        private @Nullable Batch next() {
            Batch oldest = ready.peek();
            boolean takes = oldest != null
                    && !closed
                    && replicas.get(replicaNumber).computesBeside()
                    && replicas.isInService(replicaNumber)
                    && delay.isOver(oldest);
            return takes ? ready.poll() : null;
        }

        private void park() {
            parked.set(true);
            while (parked.get()) {
                if (closed || !replicas.isInService(replicaNumber) || (!ready.isEmpty() && permits.get() > 0)) {
                    parked.set(false);
                } else {
                    LockSupport.park(WorkerPool.this);
                    Thread.interrupted(); // of a callback on this thread; it would keep the worker from parking
                }
            }
        }
    }
}
