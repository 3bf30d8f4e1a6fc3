package dev.cresset;

import dev.cresset.internal.Leases;
import dev.cresset.internal.batching.Completions;
import dev.cresset.internal.batching.Ticket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * An answer that is to come. It holds an entry into its predictor until it is complete, and nobody runs its row any more if it
 * is complete before: cancelled, late, or by its caller.
 */
final class PendingAnswer<I, O> extends CompletableFuture<O> implements Runnable {

    private final Answers<I, O> answers;
    private final I item;
    private final Leases leases;
    private final Row row;
    private final AtomicBoolean ended = new AtomicBoolean();
    private Runnable end = this; // written before the row is handed over
    private volatile @Nullable Future<?> alarm;

    /** Takes over an entry into the leases. */
    PendingAnswer(Answers<I, O> answers, I item, long deadline, Leases leases) {
        this.answers = answers;
        this.item = item;
        this.leases = leases;
        this.row = new Row(deadline);
    }

    /** Writes the item into a row, on the calling thread; what fails is this future. */
    void submit(long deadline, UnaryOperator<Runnable> context) {
        boolean submitted = false;
        try {
            Runnable carried = context.apply(this);
            end = carried == this ? this : () -> endBy(carried);
            answers.takePlace(deadline);
            answers.submit(item, row);
            submitted = true;
            if (deadline != Ticket.NEVER) {
                alarm = Deadlines.at(deadline, this::expire);
            }
            answers.call();
        } catch (Throwable e) {
            completeExceptionally(e);
        } finally {
            if (!submitted) {
                leases.leave();
            }
        }
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
            end();
        }
    }

    private void end() {
        Future<?> set = alarm;
        if (set != null) {
            set.cancel(false);
        }
        try {
            if (isDone()) {
                if (row.failure() == null) {
                    row.output().release();
                }
                return;
            }
            O answer = answers.read(item, row);
            leases.calling(() -> complete(answer));
        } catch (Throwable e) {
            leases.calling(() -> completeExceptionally(e));
        } finally {
            leases.leave();
        }
    }

    private void expire() {
        if (completeExceptionally(answers.late())) {
            withdraw();
        }
    }

    private void withdraw() {
        if (row.withdraw()) {
            leases.leave();
        }
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        boolean cancelled = super.cancel(mayInterruptIfRunning);
        if (cancelled) {
            Future<?> set = alarm;
            if (set != null) {
                set.cancel(false);
            }
            withdraw();
        }
        return cancelled;
    }

    /** What is made of this future is an ordinary one: cancelling it leaves this one alone. */
    @Override
    public <U> CompletableFuture<U> newIncompleteFuture() {
        return new CompletableFuture<>();
    }

    private final class Row extends Ticket {
        Row(long deadline) {
            super(deadline);
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
            return answers.late();
        }
    }
}
