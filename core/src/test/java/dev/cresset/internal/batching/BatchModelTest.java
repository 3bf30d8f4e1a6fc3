package dev.cresset.internal.batching;

import dev.cresset.internal.Effort;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.jetbrains.lincheck.datastructures.Validate;
import org.jetbrains.lincheck.datastructures.verifier.EpsilonVerifier;
import org.junit.jupiter.api.Test;

/**
 * Whatever order the steps of writers and of who runs the batch come in: each written row is taken once, or its writer is told
 * that it was left behind; and the block is given back once, when nobody uses it. A batch's steps are not meant to be as one,
 * so only what must hold in the end is checked.
 */
public class BatchModelTest {

    private final AtomicInteger givenBack = new AtomicInteger();
    private final AtomicInteger users = new AtomicInteger();
    private final AtomicInteger handedOver = new AtomicInteger();
    private final AtomicInteger taken = new AtomicInteger();
    private final AtomicBoolean wrong = new AtomicBoolean();
    private final AtomicBoolean run = new AtomicBoolean();
    private final Batch batch;

    /** A batch of two rows, whose lane keeps no blocks. */
    public BatchModelTest() {
        ShapeQueue shapeQueue = new ShapeQueue(new Layout(List.of()), new ShapeQueue.Blocks() {
            @Override
            public BatchBuffer make(Layout layout, int replicaNumber) {
                return new BatchBuffer(layout, true, Buckets.upTo(2), arguments -> {
                    throw new AssertionError("nothing runs here");
                });
            }

            @Override
            public void discard(BatchBuffer buffer) {
                if (users.get() != 0) {
                    wrong.set(true);
                }
                givenBack.incrementAndGet();
            }
        });
        shapeQueue.retire();
        batch = shapeQueue.open();
    }

    private static final class Row extends RowTicket {
        Row() {
            super(NEVER);
        }

        @Override
        protected void done(Completions completions) {}

        @Override
        protected Throwable late() {
            return new AssertionError("late");
        }
    }

    /** Claims a row and hands it over. */
    @Operation
    public void write() {
        int row = batch.claim();
        if (row < 0) {
            return;
        }
        users.incrementAndGet();
        users.decrementAndGet(); // the last write, before the row is handed over
        if (batch.settle(row, new Row())) {
            handedOver.incrementAndGet();
            batch.count();
        } else {
            batch.left();
        }
    }

    /** Claims a row and gives it up. */
    @Operation
    public void giveUp() {
        int row = batch.claim();
        if (row < 0) {
            return;
        }
        users.incrementAndGet();
        users.decrementAndGet();
        if (batch.abandon(row)) {
            batch.count();
        } else {
            batch.left();
        }
    }

    /** Runs the batch, as only the first does, and reads each row. */
    @Operation
    public void run() {
        if (!run.compareAndSet(false, true)) {
            return;
        }
        int claims = batch.seal();
        int rows = 0;
        int leftBehind = 0;
        for (int row = 0; row < claims; row++) {
            RowTicket ticket = batch.takeRow(row);
            if (ticket == null) {
                leftBehind++;
            } else if (!Batch.isNobody(ticket) && ticket.take()) {
                rows++;
            }
        }
        taken.addAndGet(rows);
        users.addAndGet(rows);
        batch.entered(rows + leftBehind);
        for (int i = 0; i < rows; i++) {
            users.decrementAndGet();
            batch.left();
        }
    }

    /** When all is over. */
    @Validate
    public void check() {
        if (wrong.get()) {
            throw new IllegalStateException("given back under a user");
        }
        if (run.get() && (taken.get() != handedOver.get() || givenBack.get() != 1)) {
            throw new IllegalStateException(
                    "handed over " + handedOver + ", taken " + taken + ", given back " + givenBack + " times");
        }
    }

    @Test
    void modelChecking() {
        new ModelCheckingOptions()
                .iterations(10 * Effort.factor())
                .invocationsPerIteration(500)
                .verifier(EpsilonVerifier.class)
                .check(BatchModelTest.class);
    }

    @Test
    void stress() {
        new StressOptions()
                .iterations(5 * Effort.factor())
                .invocationsPerIteration(1000)
                .verifier(EpsilonVerifier.class)
                .check(BatchModelTest.class);
    }
}
