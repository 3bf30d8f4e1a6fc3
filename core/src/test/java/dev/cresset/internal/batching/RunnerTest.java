package dev.cresset.internal.batching;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.internal.metrics.Tally;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Value;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a run does when there is no memory. */
class RunnerTest {

    private static final Layout LAYOUT =
            new Layout(List.of(new Layout.TensorArgument(DataType.FLOAT32, new long[] {1}, false)));

    private static final Replicas REPLICAS = new Replicas(List.of(arguments -> {
        throw new AssertionError("nothing runs here");
    }));

    /** One block, and no more. */
    private static final class OneBlock implements ShapeQueue.Blocks {
        private final Buckets buckets = Buckets.upTo(2);
        private boolean made;

        @Override
        public BatchBuffer make(Layout layout, int replicaNumber) {
            if (made) {
                throw new IllegalStateException("no memory");
            }
            made = true;
            return new BatchBuffer(layout, true, buckets, arguments -> {
                throw new AssertionError("nothing runs here");
            });
        }

        @Override
        public void discard(BatchBuffer buffer) {
            buffer.close();
        }
    }

    private static final class Noted extends RowTicket {
        private final List<Throwable> failures;

        Noted(List<Throwable> failures) {
            super(NEVER);
            this.failures = failures;
        }

        @Override
        protected void done(Completions completions) {
            Throwable failure = failure();
            failures.add(failure == null ? new AssertionError("answered") : failure);
        }

        @Override
        protected Throwable late() {
            return new AssertionError("late");
        }
    }

    @Test
    void run_withoutMemoryToLeaveAWriterBehind_givesTheBlockBack() {
        ShapeQueue shapeQueue = new ShapeQueue(LAYOUT, new OneBlock());
        Batch batch = shapeQueue.open();
        Runner runner = new Runner(
                "m",
                Buckets.upTo(2),
                REPLICAS,
                new QueueSlots(2, Long.MAX_VALUE),
                new RunProfile("m"),
                new RowsAlone((expected, found) -> Optional.empty()),
                null,
                new Tally(),
                () -> null);
        List<Throwable> failures = new ArrayList<>();
        assertThat(batch.claim()).isZero();
        assertThat(batch.claim()).isOne();
        assertThat(batch.settle(1, new Noted(failures))).isTrue();

        runner.run(batch);
        assertThat(batch.abandon(0)).isFalse();
        batch.left();

        assertThat(failures).hasSize(1);
        assertThat(failures.get(0)).hasMessage("no memory");
        assertThat(shapeQueue.fresh().buffer()).isSameAs(batch.buffer());
        shapeQueue.retire();
        batch.buffer().close();
    }

    @Test
    void fail_afterTheAnswer_changesNothing() {
        ShapeQueue shapeQueue = new ShapeQueue(LAYOUT, new OneBlock());
        List<Throwable> failures = new ArrayList<>();
        Noted ticket = new Noted(failures);
        assertThat(ticket.take()).isTrue();
        Completions completions = new Completions(Runnable::run, new HashSet<>(), 4);
        ticket.answer(new RowOutput(shapeQueue.open(), Value.none(), 0, 1), completions);

        ticket.fail(new IllegalStateException("too late to fail"), completions);

        assertThat(ticket.failure()).isNull();
        assertThat(failures).hasSize(1);
        shapeQueue.open().buffer().close();
    }
}
