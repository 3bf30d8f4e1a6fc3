package dev.cresset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cresset.engine.EngineException;
import dev.cresset.engine.FakeModule;
import dev.cresset.engine.FakeModules;
import dev.cresset.engine.InThread;
import dev.cresset.engine.OpenThings;
import dev.cresset.mar.ModelArchive;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Who comes first, forced to be each in turn. The model doubles; {@link #GATE} makes it wait, and what is asked meanwhile
 * becomes one batch, for there is one worker.
 */
@ExtendWith(OpenThings.class)
@Timeout(60)
class BatchRacesTest {

    private static final float GATE = 1000;
    private static final float MODEL_FAILS = 1001;
    private static final float WRITING_FAILS = 1002;
    private static final float READING_FAILS = 1003;
    private static final float SLOW_TO_WRITE = 1004;
    private static final float SLOW_TO_READ = 1005;
    private static final int GUESTS = 1000;

    private final CountDownLatch inModel = new CountDownLatch(1);
    private final CountDownLatch gate = new CountDownLatch(1);
    private final CountDownLatch writing = new CountDownLatch(1);
    private final CountDownLatch written = new CountDownLatch(1);
    private final CountDownLatch reading = new CountDownLatch(1);
    private final CountDownLatch read = new CountDownLatch(1);
    private final AtomicInteger largestRun = new AtomicInteger();

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @BeforeEach
    void putModule() {
        FakeModules.put(
                "gated",
                () -> new FakeModule()
                        .method(
                                "forward",
                                "x: Tensor",
                                "Tensor",
                                a -> forward(a.get(0).asTensor())));
    }

    private Value forward(Tensor x) {
        float[] data = x.toFloatArray();
        largestRun.accumulateAndGet(data.length, Math::max);
        for (int i = 0; i < data.length; i++) {
            if (data[i] == GATE) {
                inModel.countDown();
                await(gate);
            } else if (data[i] == MODEL_FAILS) {
                throw new EngineException(EngineException.Kind.EXECUTION, "ValueError: asked to fail");
            }
            data[i] = 2 * data[i];
        }
        return Tensor.of(data, x.shape());
    }

    private final class Doubles implements Handler<Float, Float> {
        @Override
        public Answer<Float> preprocess(Float request, Inputs inputs) {
            Tensor x = inputs.tensor(DataType.FLOAT32, 1);
            if (request == SLOW_TO_WRITE) {
                writing.countDown();
                BatchRacesTest.await(written);
            } else if (request == WRITING_FAILS) {
                throw new IllegalArgumentException("asked to fail");
            }
            x.asFloatBuffer().put(request);
            return output -> postprocess(request, output);
        }

        Float postprocess(Float request, Value output) {
            if (request == SLOW_TO_READ) {
                reading.countDown();
                BatchRacesTest.await(read);
            } else if (request == READING_FAILS) {
                throw new IllegalStateException("asked to fail");
            }
            return postprocess(output);
        }

        Float postprocess(Value output) {
            return output.asTensor().toFloatArray()[0];
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new CancellationException();
        }
    }

    private Predictor<Float, Float> open(UnaryOperator<Predictor.Builder<Float, Float>> more) throws IOException {
        try (ModelArchive archive = ModelArchive.open(TestArchives.fake(folder, "m", "gated", "none"))) {
            return more.apply(
                            Predictor.builder(archive, new Doubles()).workers(1).batching(Batching.upTo(4)))
                    .open();
        }
    }

    private Predictor<Float, Float> open() throws IOException {
        return open(builder -> builder);
    }

    /** Something is in the model, and stays there until the gate opens. */
    private CompletableFuture<Float> occupy(Predictor<Float, Float> predictor) {
        CompletableFuture<Float> inside = predictor.predictAsync(GATE);
        await(inModel);
        return inside;
    }

    private static Thread start(Runnable action) {
        Thread thread = new Thread(action, "test");
        thread.start();
        return thread;
    }

    @SuppressWarnings("ThreadPriorityCheck") // waits for another thread's park, which nothing else tells
    private static void untilParked(Thread thread) {
        while (thread.getState() != Thread.State.WAITING && thread.getState() != Thread.State.TIMED_WAITING) {
            assertThat(thread.getState()).isNotEqualTo(Thread.State.TERMINATED);
            Thread.yield();
        }
    }

    @Test
    void predictAll_whoseAnswerCannotBeRead_leavesOthersOfItsBatchTheirs() throws Exception {
        try (Predictor<Float, Float> predictor = open()) {
            CompletableFuture<Float> inside = occupy(predictor);
            CompletableFuture<Float> other = predictor.predictAsync(SLOW_TO_READ);
            AtomicReference<Throwable> failure = new AtomicReference<>();
            Thread all = start(() -> {
                try {
                    predictor.predictAll(List.of(READING_FAILS));
                } catch (ModelExecutionException e) {
                    failure.set(e);
                }
            });
            untilParked(all);
            gate.countDown();
            await(reading);
            all.join();
            CompletableFuture<Float> next = predictor.predictAsync(3f);
            assertThat(next.get()).isEqualTo(6);
            read.countDown();

            assertThat(other.get()).isEqualTo(2 * SLOW_TO_READ);
            assertThat(failure.get()).hasMessageContaining("asked to fail");
            assertThat(inside.get()).isEqualTo(2 * GATE);
            assertThat(largestRun.get()).isEqualTo(2);
        }
    }

    @Test
    void cancel_beforeTheRun_freesThePlaceBeforeCallbacksRun() throws Exception {
        try (Predictor<Float, Float> predictor = open(builder -> builder.queue(1, WhenFull.REJECT))) {
            CompletableFuture<Float> inside = occupy(predictor);
            CompletableFuture<Float> cancelled = predictor.predictAsync(MODEL_FAILS);
            CompletableFuture<Float> again =
                    cancelled.exceptionally(e -> 0f).thenCompose(none -> predictor.predictAsync(3f));

            assertThat(cancelled.cancel(true)).isTrue();
            gate.countDown();
            assertThat(again.get()).isEqualTo(6);
            assertThat(inside.get()).isEqualTo(2 * GATE);
            assertThat(largestRun.get()).isEqualTo(1);
        }
    }

    @Test
    void cancel_ofWhatWasRefused_changesNothing() throws Exception {
        try (Predictor<Float, Float> predictor = open()) {
            assertThat(predictor.predictAsync(WRITING_FAILS).cancel(true)).isFalse();

            assertThat(predictor.predict(2f)).isEqualTo(4);
        }
    }

    @Test
    void cancel_duringTheRun_leavesTheOthers() throws Exception {
        try (Predictor<Float, Float> predictor = open()) {
            CompletableFuture<Float> inside = occupy(predictor);

            assertThat(inside.cancel(true)).isTrue();
            CompletableFuture<Float> other = predictor.predictAsync(2f);
            gate.countDown();
            assertThat(other.get()).isEqualTo(4);
            assertThatThrownBy(inside::get).isInstanceOf(CancellationException.class);
        }
    }

    @Test
    void cancel_afterTheAnswer_isTooLate() throws Exception {
        try (Predictor<Float, Float> predictor = open()) {
            CompletableFuture<Float> answer = predictor.predictAsync(2f);
            assertThat(answer.get()).isEqualTo(4);

            assertThat(answer.cancel(true)).isFalse();
            assertThat(answer.get()).isEqualTo(4);
        }
    }

    @Test
    void cancel_whileTheAnswerIsRead_ends() throws Exception {
        try (Predictor<Float, Float> predictor = open()) {
            CompletableFuture<Float> answer = predictor.predictAsync(SLOW_TO_READ);
            await(reading);

            assertThat(answer.cancel(true)).isTrue();
            read.countDown();
            assertThat(predictor.predict(1f)).isEqualTo(2);
        }
    }

    /** Half a minute is what a close waits for others. */
    @Test
    @Timeout(20)
    void cancel_whoseCallbackCloses_doesNotWaitForItself() throws Exception {
        Predictor<Float, Float> predictor = open();
        CompletableFuture<Float> inside = occupy(predictor);
        CompletableFuture<Float> cancelled = predictor.predictAsync(2f);
        CompletableFuture<Void> closed = cancelled.exceptionally(e -> 0f).thenAccept(none -> predictor.close());

        cancelled.cancel(true);
        closed.get();
        assertThat(gate.getCount()).isEqualTo(1);
        gate.countDown();
        assertThat(inside.get()).isEqualTo(2 * GATE);
        predictor.close();
    }

    /** Half a minute is what a close waits for others. */
    @Test
    @Timeout(20)
    void deadline_whoseCallbackCloses_doesNotWaitForItself() throws Exception {
        Predictor<Float, Float> predictor = open();
        CompletableFuture<Float> inside = occupy(predictor);
        CompletableFuture<Float> late = predictor.predictAsync(2f, Duration.ofMillis(50));
        CompletableFuture<Void> closed = late.exceptionally(e -> 0f).thenAccept(none -> predictor.close());

        closed.get();
        assertThat(gate.getCount()).isEqualTo(1);
        gate.countDown();
        assertThat(inside.get()).isEqualTo(2 * GATE);
        predictor.close();
    }

    @Test
    void deadline_completesWhereCallbacksWereAskedToRun() throws Exception {
        ExecutorService callbacks = Executors.newSingleThreadExecutor(task -> new Thread(task, "callbacks"));
        AtomicInteger carried = new AtomicInteger();
        try (Predictor<Float, Float> predictor =
                open(builder -> builder.completeOn(callbacks).context(task -> () -> {
                    carried.incrementAndGet();
                    task.run();
                }))) {
            CompletableFuture<Float> inside = occupy(predictor);
            CompletableFuture<Float> late = predictor.predictAsync(2f, Duration.ofMillis(50));
            CompletableFuture<String> thread =
                    late.handle((answer, e) -> Thread.currentThread().getName() + " " + carried.get());

            assertThat(thread.get()).isEqualTo("callbacks 1");
            assertThatThrownBy(late::get).hasCauseInstanceOf(DeadlineExceededException.class);
            gate.countDown();
            assertThat(inside.get()).isEqualTo(2 * GATE);
        } finally {
            callbacks.shutdown();
        }
    }

    @Test
    void deadline_duringTheRun_isLate() throws Exception {
        try (Predictor<Float, Float> predictor = open()) {
            CompletableFuture<Float> inside = predictor.predictAsync(GATE, Duration.ofSeconds(1));
            await(inModel);

            assertThatThrownBy(inside::get)
                    .hasCauseInstanceOf(DeadlineExceededException.class)
                    .hasMessageContaining(" had no answer within 1 s: ");
            gate.countDown();
            assertThat(predictor.predict(1f)).isEqualTo(2);
        }
    }

    @Test
    void deadline_thatIsOverBeforeTheRequest_isLateAndCostsNothing() throws Exception {
        try (Predictor<Float, Float> predictor = open()) {
            CompletableFuture<Float> none = predictor.predictAsync(WRITING_FAILS, Duration.ZERO);
            CompletableFuture<Float> less = predictor.predictAsync(WRITING_FAILS, Duration.ofSeconds(-1));

            assertThatThrownBy(none::get).hasCauseInstanceOf(DeadlineExceededException.class);
            assertThatThrownBy(less::get).hasCauseInstanceOf(DeadlineExceededException.class);
            assertThatThrownBy(() -> predictor.predict(WRITING_FAILS, Duration.ZERO))
                    .isInstanceOf(DeadlineExceededException.class);
            assertThat(predictor.predict(2f)).isEqualTo(4);
        }
    }

    @Test
    void durations_ofForEver_areAsGoodAsNone() throws Exception {
        Duration forEver = ChronoUnit.FOREVER.getDuration();
        try (Predictor<Float, Float> predictor = open(
                builder -> builder.deadline(forEver).batching(Batching.upTo(4).within(forEver)))) {
            assertThat(predictor.predict(2f)).isEqualTo(4);
            assertThat(predictor.predictAsync(3f, forEver).get()).isEqualTo(6);
            assertThat(predictor
                            .predictAsync(4f, Duration.ofNanos(Long.MAX_VALUE))
                            .get())
                    .isEqualTo(8);
        }
    }

    @Test
    void predict_itsDeadlineComesWhileItWaits() throws Exception {
        try (Predictor<Float, Float> predictor = open()) {
            CompletableFuture<Float> inside = occupy(predictor);

            assertThatThrownBy(() -> predictor.predict(2f, Duration.ofMillis(20)))
                    .isInstanceOf(DeadlineExceededException.class)
                    .hasMessageStartingWith("predictor of m.mar had no answer within 20 ms: ");
            gate.countDown();
            assertThat(inside.get()).isEqualTo(2 * GATE);
        }
    }

    @Test
    void close_whileRowsWait_answersThem() throws Exception {
        Predictor<Float, Float> predictor = open();
        CompletableFuture<Float> inside = occupy(predictor);
        CompletableFuture<Float> waiting = predictor.predictAsync(2f);
        Thread closing = start(predictor::close);
        untilParked(closing);

        assertThatThrownBy(() -> predictor.predict(3f)).isInstanceOf(ClosedException.class);
        assertThatThrownBy(() -> predictor.predictAsync(3f).get()).hasCauseInstanceOf(ClosedException.class);
        gate.countDown();
        assertThat(waiting.get()).isEqualTo(4);
        assertThat(inside.get()).isEqualTo(2 * GATE);
        closing.join();
    }

    @Test
    void close_whileARowIsWritten_answersIt() throws Exception {
        Predictor<Float, Float> predictor = open();
        CompletableFuture<Float> slow = InThread.supply(() -> predictor.predict(SLOW_TO_WRITE));
        await(writing);
        Thread closing = start(predictor::close);
        untilParked(closing);

        written.countDown();
        assertThat(slow.get()).isEqualTo(2 * SLOW_TO_WRITE);
        closing.join();
    }

    @Test
    void close_whileWhatRunsWasCancelled_waitsForTheRun() throws Exception {
        Predictor<Float, Float> predictor = open();
        CompletableFuture<Float> inside = occupy(predictor);
        CompletableFuture<Float> waiting = predictor.predictAsync(2f);
        inside.cancel(true);
        waiting.cancel(true);

        Thread closing = start(predictor::close);
        untilParked(closing);
        gate.countDown();
        closing.join();
        assertThat(OpenThings.count("model")).isZero();
    }

    @Test
    void close_fromACallback_underOthers() throws Exception {
        Predictor<Float, Float> predictor = open();
        CompletableFuture<Float> inside = occupy(predictor);
        CompletableFuture<Void> closed = inside.thenAccept(answer -> predictor.close());
        CompletableFuture<Float> other = predictor.predictAsync(2f);

        gate.countDown();
        closed.get();
        assertThat(other.get()).isEqualTo(4);
        predictor.close();
    }

    @Test
    void preprocess_thatBlocks_holdsNobodyUp() throws Exception {
        try (Predictor<Float, Float> predictor = open()) {
            CompletableFuture<Float> inside = occupy(predictor);
            CompletableFuture<Float> before = predictor.predictAsync(2f);
            CompletableFuture<Float> slow = InThread.supply(() -> predictor.predict(SLOW_TO_WRITE));
            await(writing);
            CompletableFuture<Float> after = predictor.predictAsync(3f);

            gate.countDown();
            assertThat(inside.get()).isEqualTo(2 * GATE);
            assertThat(before.get()).isEqualTo(4);
            assertThat(after.get()).isEqualTo(6);
            assertThat(predictor.predictAll(List.of(4f, 5f))).containsExactly(8f, 10f);
            assertThat(slow).isNotDone();
            written.countDown();
            assertThat(slow.get()).isEqualTo(2 * SLOW_TO_WRITE);
        }
    }

    @Test
    void preprocess_thatFailsWithItsRow_leavesTheOthers() throws Exception {
        try (Predictor<Float, Float> predictor = open()) {
            CompletableFuture<Float> inside = occupy(predictor);
            CompletableFuture<Float> before = predictor.predictAsync(2f);
            CompletableFuture<Float> failing = predictor.predictAsync(WRITING_FAILS);
            CompletableFuture<Float> after = predictor.predictAsync(3f);

            gate.countDown();
            assertThat(inside.get()).isEqualTo(2 * GATE);
            assertThat(before.get()).isEqualTo(4);
            assertThat(after.get()).isEqualTo(6);
            assertThatThrownBy(failing::get).hasCauseInstanceOf(ModelExecutionException.class);
        }
    }

    @Test
    void model_thatFailsForARow_leavesTheOthers() throws Exception {
        try (Predictor<Float, Float> predictor = open()) {
            CompletableFuture<Float> inside = occupy(predictor);
            CompletableFuture<Float> before = predictor.predictAsync(2f);
            CompletableFuture<Float> failing = predictor.predictAsync(MODEL_FAILS);
            CompletableFuture<Float> unread = predictor.predictAsync(READING_FAILS);
            CompletableFuture<Float> after = predictor.predictAsync(3f);

            gate.countDown();
            assertThat(inside.get()).isEqualTo(2 * GATE);
            assertThat(before.get()).isEqualTo(4);
            assertThat(after.get()).isEqualTo(6);
            assertThatThrownBy(failing::get).hasCauseInstanceOf(ModelExecutionException.class);
            assertThatThrownBy(unread::get).hasCauseInstanceOf(ModelExecutionException.class);
            assertThat(largestRun.get()).isEqualTo(4);
        }
    }

    @Test
    void queue_full_rejects() throws Exception {
        try (Predictor<Float, Float> predictor = open(builder -> builder.queue(1, WhenFull.REJECT))) {
            CompletableFuture<Float> inside = occupy(predictor);
            CompletableFuture<Float> waiting = predictor.predictAsync(2f);

            assertThatThrownBy(() -> predictor.predict(3f))
                    .isInstanceOf(OverloadedException.class)
                    .hasMessageContaining("1 of 1 requests wait");
            assertThatThrownBy(() -> predictor.predictAsync(3f).get()).hasCauseInstanceOf(OverloadedException.class);
            gate.countDown();
            assertThat(waiting.get()).isEqualTo(4);
            assertThat(inside.get()).isEqualTo(2 * GATE);
        }
    }

    @Test
    void queueMemory_full_rejects_andSaysWhatToGiveMoreOf() throws Exception {
        try (Predictor<Float, Float> predictor = open(builder -> builder.queueMemory(2 * Float.BYTES))) {
            CompletableFuture<Float> inside = occupy(predictor);
            CompletableFuture<Float> first = predictor.predictAsync(2f);
            CompletableFuture<Float> second = predictor.predictAsync(3f);

            assertThatThrownBy(() -> predictor.predict(4f))
                    .isInstanceOf(OverloadedException.class)
                    .hasMessageContaining("2 of 2 requests wait")
                    .hasMessageContaining("Predictor.Builder.queueMemory");
            gate.countDown();
            assertThat(first.get()).isEqualTo(4);
            assertThat(second.get()).isEqualTo(6);
            assertThat(inside.get()).isEqualTo(2 * GATE);
        }
    }

    @Test
    void queueMemory_lessThanOneRequest_letsOneWait() throws Exception {
        try (Predictor<Float, Float> predictor = open(builder -> builder.queueMemory(1))) {
            CompletableFuture<Float> inside = occupy(predictor);
            CompletableFuture<Float> waiting = predictor.predictAsync(2f);

            assertThatThrownBy(() -> predictor.predict(3f)).isInstanceOf(OverloadedException.class);
            gate.countDown();
            assertThat(waiting.get()).isEqualTo(4);
            assertThat(inside.get()).isEqualTo(2 * GATE);
            assertThat(predictor.predictAll(List.of(1f, 2f, 3f, 4f))).containsExactly(2f, 4f, 6f, 8f);
        }
    }

    @Test
    void queue_full_blocks_untilTheDeadlineOrAnInterruptOrAPlace() throws Exception {
        try (Predictor<Float, Float> predictor = open(builder -> builder.queue(1, WhenFull.BLOCK))) {
            CompletableFuture<Float> inside = occupy(predictor);
            CompletableFuture<Float> waiting = predictor.predictAsync(2f);

            assertThatThrownBy(() -> predictor.predict(3f, Duration.ofMillis(20)))
                    .isInstanceOf(DeadlineExceededException.class);
            AtomicReference<CompletableFuture<Float>> interrupted = new AtomicReference<>();
            Thread asking = start(() -> interrupted.set(predictor.predictAsync(4f)));
            untilParked(asking);
            asking.interrupt();
            asking.join();
            assertThat(interrupted.get()).isCancelled();
            CompletableFuture<Float> patient = InThread.supply(() -> predictor.predict(5f));
            gate.countDown();
            assertThat(waiting.get()).isEqualTo(4);
            assertThat(patient.get()).isEqualTo(10);
            assertThat(inside.get()).isEqualTo(2 * GATE);
        }
    }

    @Test
    void interrupt_whileARowWaits_takesItBack() throws Exception {
        try (Predictor<Float, Float> predictor = open(builder -> builder.queue(1, WhenFull.REJECT))) {
            CompletableFuture<Float> inside = occupy(predictor);
            AtomicReference<Throwable> thrown = new AtomicReference<>();
            Thread asking = start(() -> {
                try {
                    predictor.predict(2f);
                } catch (CancellationException e) {
                    thrown.set(Thread.currentThread().isInterrupted() ? e : new AssertionError("not interrupted"));
                }
            });
            untilParked(asking);
            asking.interrupt();
            asking.join();

            assertThat(thrown.get()).isInstanceOf(CancellationException.class);
            CompletableFuture<Float> next = predictor.predictAsync(3f);
            gate.countDown();
            assertThat(next.get()).isEqualTo(6);
            assertThat(inside.get()).isEqualTo(2 * GATE);
        }
    }

    @Test
    void callback_thatBlocks_holdsUpNobodyOfItsBatch() throws Exception {
        try (Predictor<Float, Float> predictor = open()) {
            CompletableFuture<Float> inside = occupy(predictor);
            CountDownLatch leave = new CountDownLatch(1);
            CompletableFuture<Void> first = predictor.predictAsync(2f).thenAccept(answer -> await(leave));
            CompletableFuture<Void> second = predictor.predictAsync(3f).thenAccept(answer -> await(leave));
            CompletableFuture<Float> third = predictor.predictAsync(4f);

            gate.countDown();
            assertThat(third.get()).isEqualTo(8);
            assertThat(predictor.predict(5f)).isEqualTo(10);
            assertThat(first).isNotDone();
            leave.countDown();
            CompletableFuture.allOf(first, second, inside).get();
            assertThat(largestRun.get()).isEqualTo(3);
        }
    }

    @Test
    void executor_thatRefuses_losesNobody() throws Exception {
        try (Predictor<Float, Float> predictor = open(builder -> builder.completeOn(task -> {
            throw new RejectedExecutionException("shut down");
        }))) {
            CompletableFuture<Float> inside = occupy(predictor);
            CompletableFuture<Float> second = predictor.predictAsync(2f);
            CompletableFuture<Float> third = predictor.predictAsync(3f);

            gate.countDown();
            assertThat(inside.get()).isEqualTo(2 * GATE);
            assertThat(second.get()).isEqualTo(4);
            assertThat(third.get()).isEqualTo(6);
        }
    }

    @Test
    void context_thatFails_losesNobody() throws Exception {
        try (Predictor<Float, Float> predictor = open(builder -> builder.context(task -> {
            throw new IllegalStateException("no context");
        }))) {
            assertThatThrownBy(() -> predictor.predictAsync(2f).get()).hasRootCauseMessage("no context");
            assertThat(predictor.predict(3f)).isEqualTo(6);
        }
    }

    @Test
    void context_thatForgets_losesNobody() throws Exception {
        try (Predictor<Float, Float> predictor = open(builder -> builder.context(task -> () -> {}))) {
            assertThat(predictor.predictAsync(2f).get()).isEqualTo(4);
        }
    }

    /** A request is three items, of which it is the last; less than zero is one item that fails, after one that does not. */
    private static final class Counted implements Envelope<Float, Float> {
        @Override
        public Opened<Float, Float> open(Float request) {
            return new Opened<>() {
                @Override
                public List<Float> items() {
                    return request < 0 ? List.of(1f, WRITING_FAILS) : List.of(1f, 2f, request);
                }

                @Override
                public Float answer(List<Float> answers) {
                    return answers.get(0) + answers.get(1) + answers.get(2);
                }
            };
        }
    }

    @Test
    void envelope_severalItems_later() throws Exception {
        try (Predictor<Float, Float> predictor = open(builder -> builder.envelope(new Counted()))) {
            assertThat(predictor.predictAsync(3f).get()).isEqualTo(12);
            assertThatThrownBy(() -> predictor.predictAsync(-1f).get())
                    .hasCauseInstanceOf(ModelExecutionException.class);

            CompletableFuture<Float> inside = occupy(predictor);
            CompletableFuture<Float> cancelled = predictor.predictAsync(4f);
            assertThat(cancelled.cancel(true)).isTrue();
            gate.countDown();
            assertThat(inside.get()).isEqualTo(2 + 4 + 2 * GATE);
        }
    }

    /** Fails to read what is less than zero: as one who nests too deep, and as one who reads nothing. */
    private static final class Unreadable implements Envelope<Float, Float> {
        @Override
        public Opened<Float, Float> open(Float request) {
            if (request == -1) {
                throw new StackOverflowError("meant to be thrown by this test");
            }
            return new Opened<>() {
                @Override
                public List<Float> items() {
                    throw new InvalidInputException("no items");
                }

                @Override
                public Float answer(List<Float> answers) {
                    return 0f;
                }
            };
        }
    }

    @Test
    void envelope_thatCannotBeRead_failsTheFuture_andIsCounted() throws Exception {
        try (Predictor<Float, Float> predictor = open(builder -> builder.envelope(new Unreadable()))) {
            predictor.metrics();

            assertThatThrownBy(() -> predictor.predictAsync(-1f).get()).hasCauseInstanceOf(StackOverflowError.class);
            assertThatThrownBy(() -> predictor.predictAsync(-2f).get()).hasCauseInstanceOf(InvalidInputException.class);
            assertThatThrownBy(() -> predictor.predict(-2f)).isInstanceOf(InvalidInputException.class);
            assertThat(predictor.metrics().invalidInputs()).isEqualTo(2);
            assertThat(predictor.metrics().otherFailures()).isEqualTo(1);
        }
    }

    /** By reflection: JDK 17 has none. */
    private static void startVirtual(Runnable action) throws ReflectiveOperationException {
        Thread.class.getMethod("startVirtualThread", Runnable.class).invoke(null, action);
    }

    @Test
    @EnabledForJreRange(min = JRE.JAVA_21, disabledReason = "there are no virtual threads before")
    void virtualThreads_thatWait_holdNoCarrier() throws Exception {
        try (Predictor<Float, Float> predictor = open()) {
            CompletableFuture<Float> inside = occupy(predictor);
            AtomicInteger right = new AtomicInteger();
            CountDownLatch asked = new CountDownLatch(GUESTS);
            CountDownLatch answered = new CountDownLatch(GUESTS);
            for (int i = 0; i < GUESTS; i++) {
                float request = i;
                startVirtual(() -> {
                    asked.countDown();
                    if (predictor.predict(request) == 2 * request) {
                        right.incrementAndGet();
                    }
                    answered.countDown();
                });
            }

            asked.await();
            CountDownLatch carried = new CountDownLatch(1);
            startVirtual(carried::countDown);
            carried.await();
            gate.countDown();
            answered.await();
            assertThat(right.get()).isEqualTo(GUESTS);
            assertThat(inside.get()).isEqualTo(2 * GATE);
        }
    }
}
