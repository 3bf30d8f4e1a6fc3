package dev.cresset.internal.batching;

import dev.cresset.internal.metrics.Recorder;
import dev.cresset.internal.metrics.Tally;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Takes rows in and sees to it that they are run, together where they can be.
 *
 * <p>Which thread runs: where a run is quick, whoever waits for one, if it finds a permit; handing it to another thread would
 * take longer. Otherwise a worker's thread, which is then the only one that leaves LibTorch's caches behind. A virtual
 * thread never runs one: it would hold its carrier.
 *
 * <p>Its owner closes it when nobody is inside. Safe for use by several threads.
 */
public final class Batcher implements AutoCloseable {

    /** How often a caller looks again before it parks: with more callers than processors, its answer is mostly there then. */
    private static final int LOOKS = 20;

    private final Replicas replicas;
    private final ShapeQueues shapeQueues;
    private final QueueSlots slots;
    private final RunProfile profile;
    private final Runner runner;
    private final WorkerPool workers;
    private final long maxDelayNanos;
    private final Buckets buckets;

    /**
     * How a batcher works.
     *
     * @param model the model's name, for messages and threads
     * @param counted whether the first dimension of the model's tensors counts items
     * @param buckets the sizes of batches
     * @param workers how many batches run at once
     * @param queue how many rows may wait
     * @param queueMemory how many bytes they may take
     * @param maxDelayNanos how long a row may wait for others
     * @param difference how a row's answer in a batch is held to what it is alone
     * @param executor where callbacks run; null for threads of the library's own
     * @param tally where to count
     * @param recorder where to measure; gives null while nobody looks
     */
    public record Settings(
            String model,
            boolean counted,
            Buckets buckets,
            int workers,
            int queue,
            long queueMemory,
            long maxDelayNanos,
            BatchSizeTuner.Difference difference,
            @Nullable Executor executor,
            Tally tally,
            Supplier<@Nullable Recorder> recorder) {}

    /** A batcher with nothing in it, for a model with these replicas; {@code free} closes them in the end. */
    public Batcher(Settings settings, List<Replica> replicas, Runnable free) {
        this.replicas = new Replicas(replicas);
        this.slots = new QueueSlots(settings.queue(), settings.queueMemory());
        this.shapeQueues =
                new ShapeQueues(settings.counted(), settings.buckets(), this.replicas, slots, settings.workers());
        this.buckets = settings.buckets();
        this.profile = new RunProfile(settings.model());
        this.maxDelayNanos = settings.maxDelayNanos();
        this.runner = new Runner(
                settings.model(),
                settings.buckets(),
                this.replicas,
                slots,
                profile,
                new RowsAlone(settings.difference()),
                settings.executor(),
                settings.tally(),
                settings.recorder());
        this.workers = new WorkerPool(
                new Threads("cresset-" + settings.model()),
                settings.workers(),
                maxDelayNanos,
                this.replicas,
                runner,
                () -> {
                    shapeQueues.close();
                    free.run();
                });
    }

    /**
     * Has every worker meet every size of batch, with copies of an example, whose tensors are the layout's. Where a run takes
     * long, on the workers' own threads, which then are the ones to run.
     *
     * @param runTime what a run of the example takes, if that is known: else it is found out
     */
    public void warmUp(Layout layout, List<@Nullable Tensor> example, Optional<Duration> runTime)
            throws InterruptedException {
        if (replicas.computeBeside()) {
            warmUpBeside(layout, example);
            return;
        }
        ShapeQueue shapeQueue = shapeQueues.of(layout);
        List<BatchBuffer> buffers = new ArrayList<>();
        for (int i = 0; i < workers.count(); i++) {
            BatchBuffer buffer = shapeQueues.make(layout, /* replicaNumber= */ 0);
            buffers.add(buffer);
            BatchSizeTuner.fill(buffer, example);
        }
        boolean known = runTime.isPresent() && profile.isSlow(runTime.get());
        if (!known) {
            profile.watch(buffers.get(0));
        }
        if (profile.isQuick()) {
            buffers.forEach(BatchBuffer::runAll);
        } else {
            // Calls of one model may have code of their own each: what one of them has compiled helps no other.
            BatchBuffer watched = known ? null : buffers.get(0);
            workers.onEach(buffers, buffer -> {
                if (buffer == watched) {
                    buffer.runAllWatched();
                } else {
                    buffer.runAll();
                }
            });
        }
        buffers.forEach(shapeQueue::giveBack);
    }

    /** Two buffers a worker, where one computes while the next is filled and brought. */
    private void warmUpBeside(Layout layout, List<@Nullable Tensor> example) throws InterruptedException {
        ShapeQueue shapeQueue = shapeQueues.of(layout);
        List<List<BatchBuffer>> ofEach = new ArrayList<>();
        for (int i = 0; i < workers.count(); i++) {
            int replicaNumber = i % replicas.count();
            List<BatchBuffer> buffers = new ArrayList<>();
            for (int n = 0; n < (replicas.get(replicaNumber).computesBeside() ? 2 : 1); n++) {
                BatchBuffer buffer = shapeQueues.make(layout, replicaNumber);
                buffers.add(buffer);
                BatchSizeTuner.fill(buffer, example);
            }
            ofEach.add(buffers);
        }
        workers.onEach(ofEach, buffers -> buffers.forEach(BatchBuffer::runAll));
        ofEach.forEach(buffers -> buffers.forEach(shapeQueue::giveBack));
    }

    /** Takes a slot for a row that is to come; false if there is none. */
    public boolean enter() {
        return slots.enter();
    }

    /** Waits for a slot until a time, as {@link System#nanoTime} counts, or {@link RowTicket#NEVER}; false if it has come. */
    public boolean enter(long deadline) throws InterruptedException {
        return slots.enter()
                || slots.enter(deadline == RowTicket.NEVER ? Long.MAX_VALUE : deadline - System.nanoTime());
    }

    /** Gives back a slot whose row did not come. */
    public void leave() {
        slots.leave(1);
    }

    /** How many rows wait, or are being written. */
    public int waiting() {
        return slots.waiting();
    }

    /** How many may. */
    public int queue() {
        return slots.limit();
    }

    /** Whether no more may because of the memory that they take. */
    public boolean isMemoryTheLimit() {
        return slots.isMemoryTheLimit();
    }

    /** How many rows a batch may have. */
    public int largestBatch() {
        return buckets.largest();
    }

    /** How long a row may wait for others. */
    public long maxDelayNanos() {
        return maxDelayNanos;
    }

    /** How many batches run. */
    public int running() {
        return workers.running();
    }

    /** A row where items line up that begin with this tensor; null if there were none so far. Hot path. */
    public @Nullable RowClaim claim(DataType type, long[] shape, boolean inList) {
        ShapeQueue shapeQueue = shapeQueues.beginningWith(type, shape, inList);
        return shapeQueue == null ? null : new RowClaim(this, shapeQueue);
    }

    /** A row where items of this layout line up. */
    public RowClaim claim(Layout layout) {
        return new RowClaim(this, shapeQueues.of(layout));
    }

    QueueSlots slots() {
        return slots;
    }

    /** A batch has one more row. */
    void settled(Batch batch) {
        if (batch.count()) {
            if (maxDelayNanos > 0) {
                batch.firstSettled(System.nanoTime());
            }
            workers.add(batch);
        }
    }

    /** For a caller that does not wait. */
    public void call() {
        workers.call();
    }

    /** What nobody waits for is run when there is time: only its memory is to be got back. */
    void runIfIdle() {
        if (!mayRun() || !workers.runNext()) {
            workers.call();
        }
    }

    /** A worker that waits, in a callback that runs on its thread, must run: there may be no other. */
    private boolean mayRun() {
        Thread thread = Thread.currentThread();
        boolean quick = !replicas.computeBeside()
                && profile.isQuick()
                && (maxDelayNanos == 0 || profile.isLone())
                && !VirtualThreads.isVirtual(thread);
        return quick || workers.isWorker(thread);
    }

    /**
     * Returns when a ticket is done. Otherwise it was withdrawn, and its row is not run if it had not been taken.
     *
     * @throws TimeoutException if its deadline came first
     * @throws InterruptedException if the thread was interrupted first
     */
    @SuppressWarnings("ThreadPriorityCheck") // nothing depends on it: whoever sees nothing parks
    public void await(Waiter ticket) throws TimeoutException, InterruptedException {
        if (mayRun()) {
            for (int i = 0; i < LOOKS && !ticket.isDone(); i++) {
                if (!workers.runNext()) {
                    Thread.yield();
                }
            }
        } else {
            workers.call();
        }
        if (!ticket.isDone()) {
            park(ticket);
        }
    }

    private void park(Waiter ticket) throws TimeoutException, InterruptedException {
        ticket.parks(Thread.currentThread());
        while (!ticket.isDone()) {
            long left = ticket.remaining();
            if (Thread.interrupted()) {
                if (ticket.withdraw()) {
                    throw new InterruptedException();
                }
                Thread.currentThread().interrupt(); // the answer came first
            } else if (left <= 0) {
                if (ticket.withdraw()) {
                    throw new TimeoutException();
                }
            } else if (left == RowTicket.NEVER) {
                LockSupport.park(this);
            } else {
                LockSupport.parkNanos(this, left);
            }
        }
    }

    /** Completes a future whose row was never run. */
    public void complete(Runnable end) {
        runner.complete(end);
    }

    /** Fails what waits. */
    public void refuseWaiting(Throwable reason) {
        workers.removeAll().forEach(batch -> runner.refuse(batch, reason));
    }

    /** Completes what a caller's executor was given and has not run. */
    public void completeRest() {
        runner.completeRest();
    }

    /**
     * Ends the workers and frees the memory, after the last run. Nobody may write a row or read an output any more; a run may
     * be under way whose rows were all withdrawn.
     */
    @Override
    public void close() {
        workers.close();
    }

    /** Waits after the close until the memory is freed, but not for ever. */
    public void awaitFreed() {
        workers.awaitFreed();
    }
}
