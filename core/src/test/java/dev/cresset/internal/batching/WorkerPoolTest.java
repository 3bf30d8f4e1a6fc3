package dev.cresset.internal.batching;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.engine.EngineSession;
import dev.cresset.internal.metrics.Tally;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Value;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of rows when their workers' threads cannot be started, or are disturbed. */
@Timeout(60)
class WorkerPoolTest {

    private static final long DELAY_NANOS = TimeUnit.SECONDS.toNanos(30);
    private static final Layout LAYOUT =
            new Layout(List.of(new Layout.TensorArgument(DataType.FLOAT32, new long[] {1}, false)));

    private final Replicas replicas = new Replicas(List.of(arguments -> new Answers()));
    private final ShapeQueues shapeQueues =
            new ShapeQueues(true, Buckets.upTo(2), replicas, new QueueSlots(2, Long.MAX_VALUE), 1);
    private final CountDownLatch freed = new CountDownLatch(1);

    /** A call that returns nothing. */
    private static final class Answers implements EngineSession {
        @Override
        public void run() {}

        @Override
        public Value result() {
            return Value.none();
        }

        @Override
        public void close() {}
    }

    private static final class Noted extends RowTicket {
        private final CountDownLatch done = new CountDownLatch(1);
        private volatile String thread = "";

        Noted() {
            super(NEVER);
        }

        @Override
        protected void done(Completions completions) {
            thread = Thread.currentThread().getName();
            output().release();
            done.countDown();
        }

        @Override
        protected Throwable late() {
            return new AssertionError("late");
        }
    }

    /** The system gives so many threads less than it is asked for. */
    private static ThreadFactory failing(int times) {
        AtomicInteger left = new AtomicInteger(times);
        return task -> new Thread(task, "worker") {
            @Override
            public synchronized void start() {
                if (left.getAndDecrement() > 0) {
                    throw new OutOfMemoryError("unable to create native thread");
                }
                setDaemon(true);
                super.start();
            }
        };
    }

    private WorkerPool workers(ThreadFactory threads, long maxDelayNanos) {
        Runner runner = new Runner(
                "m",
                Buckets.upTo(2),
                replicas,
                new QueueSlots(2, Long.MAX_VALUE),
                new RunProfile("m"),
                new RowsAlone((expected, found) -> Optional.empty()),
                null,
                new Tally(),
                () -> null);
        return new WorkerPool(threads, 1, maxDelayNanos, replicas, runner, freed::countDown);
    }

    private Noted ask(WorkerPool workers) {
        Batch batch = shapeQueues.of(LAYOUT).fresh();
        Noted ticket = new Noted();
        assertThat(batch.settle(batch.claim(), ticket)).isTrue();
        batch.firstSettled(System.nanoTime());
        assertThat(batch.count()).isTrue();
        workers.add(batch);
        workers.call();
        return ticket;
    }

    @AfterEach
    void close() {
        shapeQueues.close();
    }

    @Test
    void call_withoutAThreadToBeHad_runsOnTheCallers() throws InterruptedException {
        try (WorkerPool workers = workers(failing(Integer.MAX_VALUE), 0)) {
            Noted ticket = ask(workers);

            ticket.done.await();
            assertThat(ticket.thread).isEqualTo(Thread.currentThread().getName());
        }
        freed.await();
    }

    @Test
    void call_afterAThreadCouldNotBeStarted_startsIt() throws InterruptedException {
        try (WorkerPool workers = workers(failing(1), 0)) {
            ask(workers).done.await();
            Noted second = ask(workers);

            second.done.await();
            assertThat(second.thread).isEqualTo("worker");
        }
        freed.await();
    }

    @Test
    void close_whileAWorkerWaitsForMoreRows_freesAtOnce() throws InterruptedException {
        shapeQueues.of(LAYOUT).expect(2);
        WorkerPool workers = workers(failing(0), DELAY_NANOS);
        Noted ticket = ask(workers);
        while (workers.running() == 0) {
            Thread.onSpinWait();
        }

        ticket.withdraw();
        workers.close();
        assertThat(freed.await(20, TimeUnit.SECONDS)).isTrue();
    }
}
