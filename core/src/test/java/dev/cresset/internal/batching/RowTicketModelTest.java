package dev.cresset.internal.batching;

import dev.cresset.internal.Effort;
import dev.cresset.tensor.Value;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;
import org.jetbrains.lincheck.datastructures.verifier.EpsilonVerifier;
import org.junit.jupiter.api.Test;

/** Whoever comes first, who runs a row or who takes it back: its slot comes back once, and so does its output. */
public class RowTicketModelTest {

    private final QueueSlots slots = new QueueSlots(1, Long.MAX_VALUE);
    private final AtomicInteger givenBack = new AtomicInteger();
    private final AtomicInteger withdrawn = new AtomicInteger();
    private final AtomicInteger done = new AtomicInteger();
    private final AtomicBoolean taken = new AtomicBoolean();
    private final AtomicBoolean run = new AtomicBoolean();
    private final Batch batch;
    private final RowTicket ticket = new RowTicket(RowTicket.NEVER) {
        @Override
        protected void done(Completions completions) {
            done.incrementAndGet();
            output().release(); // read at once
        }

        @Override
        protected Throwable late() {
            return new AssertionError("late");
        }
    };

    /** A row that holds the only slot. */
    public RowTicketModelTest() {
        ShapeQueue shapeQueue = new ShapeQueue(new Layout(List.of()), new ShapeQueue.Blocks() {
            @Override
            public BatchBuffer make(Layout layout, int replicaNumber) {
                return new BatchBuffer(layout, true, Buckets.upTo(1), arguments -> {
                    throw new AssertionError("nothing runs here");
                });
            }

            @Override
            public void discard(BatchBuffer buffer) {
                givenBack.incrementAndGet();
            }
        });
        shapeQueue.retire();
        batch = shapeQueue.open();
        slots.enter();
        ticket.holds(slots);
    }

    /** Takes the row and answers it, once. */
    @Operation
    public void run() {
        if (!run.compareAndSet(false, true) || !ticket.take()) {
            return;
        }
        taken.set(true);
        slots.leave(1);
        batch.entered(1);
        ticket.answer(new RowOutput(batch, Value.none(), 0, 1), new Completions(Runnable::run, new HashSet<>(), 4));
    }

    /** Does not wait any more. */
    @Operation
    public void withdraw() {
        if (ticket.withdraw()) {
            withdrawn.incrementAndGet();
        }
    }

    /** When all is over. */
    @Validate
    public void check() {
        int ends = done.get() + withdrawn.get();
        boolean over = run.get() || withdrawn.get() > 0;
        if (ends != (over ? 1 : 0) || slots.waiting() != (over ? 0 : 1) || givenBack.get() != (taken.get() ? 1 : 0)) {
            throw new IllegalStateException("done " + done + ", withdrawn " + withdrawn + ", taken " + taken
                    + ", waiting " + slots.waiting() + ", given back " + givenBack);
        }
    }

    @Test
    void modelChecking() {
        new ModelCheckingOptions()
                .iterations(10 * Effort.factor())
                .invocationsPerIteration(500)
                .verifier(EpsilonVerifier.class)
                .check(RowTicketModelTest.class);
    }
}
