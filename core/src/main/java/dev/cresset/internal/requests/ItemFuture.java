package dev.cresset.internal.requests;

import static java.util.Objects.requireNonNull;

import dev.cresset.Answer;
import dev.cresset.internal.Leases;
import dev.cresset.internal.batching.Completions;
import dev.cresset.internal.batching.DeadlineTimer;
import dev.cresset.internal.batching.RowTicket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * An answer that is to come. It holds an entry into its predictor until it is complete, and nobody runs its row any more if it
 * is complete before: cancelled, late, or by its caller.
 */
public final class ItemFuture<I, O> extends CompletableFuture<O> implements Runnable {

    /** What an executor may take to run what completes a future whose time is over. */
    private static final long PATIENCE_NANOS = 1_000_000_000;

    private final RequestRunner<I, O> runner;
    private final I item;
    private final Deadline deadline;
    private final Leases leases;
    private final Row row;
    private final AtomicBoolean ended = new AtomicBoolean();
    private Runnable end = this; // these two written before the row is handed over
    private @Nullable Answer<O> reader;
    private volatile @Nullable Future<?> alarm;

    /** Takes over an entry into the leases. */
    public ItemFuture(RequestRunner<I, O> runner, I item, Deadline deadline, Leases leases) {
        this.runner = runner;
        this.item = item;
        this.leases = leases;
        this.deadline = deadline;
        this.row = new Row(deadline);
    }

    /** Writes the item into a row, on the calling thread; what fails is this future. */
    public void submit(UnaryOperator<Runnable> context) {
        boolean submitted = false;
        try {
            Runnable carried = context.apply(this);
            if (ended.get()) {
                throw new IllegalStateException("a context returns what is to be run, it does not run it");
            }
            end = carried == this ? this : () -> endBy(carried);
            runner.takeSlot(deadline);
            runner.submit(item, row, this::readBy);
            submitted = true;
            runner.call();
            if (!deadline.isNever()) {
                alarm = DeadlineTimer.at(deadline.at(), this::expire);
                if (isDone()) {
                    stopAlarm(); // whoever completed it may not have seen one
                }
            }
        } catch (Throwable e) {
            fail(e);
        } finally {
            if (!submitted && ended.compareAndSet(false, true)) {
                leases.leave();
            }
        }
    }

    private void readBy(Answer<O> answer) {
        reader = answer;
    }

    /** Completes even if who carries the context fails, or forgets. */
    private void endBy(Runnable carried) {
        try {
            carried.run();
        } finally {
            run();
        }
    }

    /** Reads the answer and completes: where callbacks may run. Once, however often it is called. */
    @Override
    public void run() {
        if (ended.compareAndSet(false, true)) {
            leases.calling(this::end); // handlers and callbacks may close the predictor
        }
    }

    private void end() {
        try {
            if (!row.isDone()) {
                fail(runner.deadlineExceeded(deadline)); // withdrawn when its deadline came
            } else if (!isDone()) {
                O answer = runner.read(requireNonNull(reader), row);
                completing(() -> complete(answer));
            } else if (row.failure() == null) {
                row.output().release();
            }
        } catch (Throwable e) {
            fail(e);
        } finally {
            reader = null; // the future may be kept for long
            stopAlarm();
            leases.leave();
        }
    }

    private void fail(Throwable why) {
        runner.failed(why);
        completing(() -> completeExceptionally(why));
    }

    /** Callbacks may close the predictor. */
    private void completing(Runnable how) {
        leases.calling(how);
    }

    private void stopAlarm() {
        Future<?> set = alarm;
        if (set != null) {
            set.cancel(false);
        }
    }

    /** If the answer is there already, it is on its way. But a caller's executor may be busy, or drop what it is given. */
    private void expire() {
        if (row.withdraw()) {
            runner.complete(end);
        }
        if (!ended.get()) {
            alarm = DeadlineTimer.at(System.nanoTime() + PATIENCE_NANOS, this);
        }
    }

    /** The row's slot is free before callbacks run: they may ask again. */
    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        boolean withdrawn = !isDone() && row.withdraw(); // what was refused has no row
        boolean ends = withdrawn && ended.compareAndSet(false, true); // an alarm may be about to
        try {
            completing(() -> super.cancel(mayInterruptIfRunning));
        } finally {
            stopAlarm();
            if (ends) {
                reader = null; // the future may be kept for long
                runner.cancelled();
                leases.leave();
            }
        }
        return isCancelled();
    }

    /** What is made of this future is an ordinary one: cancelling it leaves this one alone. */
    @Override
    public <U> CompletableFuture<U> newIncompleteFuture() {
        return new CompletableFuture<>();
    }

    private final class Row extends RowTicket {
        Row(Deadline deadline) {
            super(deadline.at());
        }

        @Override
        protected void done(Completions completions) {
            completions.add(end);
        }

        @Override
        protected boolean isWanted() {
            return !isDone();
        }

        @Override
        protected Throwable late() {
            return runner.deadlineExceeded(deadline);
        }
    }
}
