package dev.cresset;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.engine.FakeModule;
import dev.cresset.engine.FakeModules;
import dev.cresset.engine.OpenThings;
import dev.cresset.handler.TensorHandler;
import dev.cresset.mar.ModelArchive;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Callbacks that run where the model does, for their executor runs them at once, as a pool's {@code CallerRunsPolicy} does when
 * the pool is full. There is one worker.
 */
@ExtendWith(OpenThings.class)
@Timeout(60)
class CallbacksTest {

    private static final float GATE = 1000;

    /** Longer than what a caller's thread runs itself. */
    private static final long SLOW_NANOS = 1_000_000;

    private final CountDownLatch inModel = new CountDownLatch(1);
    private final CountDownLatch gate = new CountDownLatch(1);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @BeforeEach
    void putModules() {
        FakeModules.put("quick", () -> module(0));
        FakeModules.put("slow", () -> module(SLOW_NANOS));
    }

    private FakeModule module(long nanos) {
        return new FakeModule()
                .method("forward", "x: Tensor", "Tensor", a -> doubled(a.get(0).asTensor(), nanos));
    }

    private Value doubled(Tensor x, long nanos) {
        long end = System.nanoTime() + nanos;
        while (System.nanoTime() - end < 0) {
            Thread.onSpinWait();
        }
        float[] data = x.toFloatArray();
        for (int i = 0; i < data.length; i++) {
            if (data[i] == GATE) {
                inModel.countDown();
                await(gate);
            }
            data[i] = 2 * data[i];
        }
        return Tensor.of(data, x.shape());
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static final class Doubles implements Handler<Float, Float> {
        @Override
        public Answer<Float> preprocess(Float request, Inputs inputs) {
            inputs.tensor(DataType.FLOAT32, 1).asFloatBuffer().put(request);
            return this::postprocess;
        }

        Float postprocess(Value output) {
            return output.asTensor().toFloatArray()[0];
        }
    }

    private Predictor<Float, Float> open(String module, UnaryOperator<Predictor.Builder<Float, Float>> more)
            throws IOException {
        try (ModelArchive archive = ModelArchive.open(TestArchives.fake(folder, "m", module, "none"))) {
            return more.apply(Predictor.builder(archive, new Doubles())
                            .workers(1)
                            .example(1f)
                            .completeOn(Runnable::run))
                    .open();
        }
    }

    /** In the model, until the gate opens: callbacks are there before the answer. */
    private CompletableFuture<Float> occupy(Predictor<Float, Float> predictor) {
        CompletableFuture<Float> inside = predictor.predictAsync(GATE);
        await(inModel);
        return inside;
    }

    @ParameterizedTest
    @ValueSource(strings = {"quick", "slow"})
    void callback_thatWaitsForAnotherAnswer_getsIt(String module) throws Exception {
        try (Predictor<Float, Float> predictor = open(module, builder -> builder)) {
            CompletableFuture<Float> again = occupy(predictor).thenApply(answer -> predictor.predict(3f));
            gate.countDown();

            assertThat(again.get()).isEqualTo(6);
        }
    }

    @Test
    void callback_thatLeavesAnInterrupt_doesNotKeepTheWorkerAwake() throws Exception {
        try (Predictor<Float, Float> predictor = open("slow", builder -> builder)) {
            CompletableFuture<Thread> interrupted = occupy(predictor).thenApply(answer -> {
                Thread.currentThread().interrupt();
                return Thread.currentThread();
            });
            gate.countDown();

            Thread worker = interrupted.get();
            while (worker.isInterrupted()) { // such a thread does not park
                Thread.onSpinWait();
            }
            assertThat(predictor.predict(2f)).isEqualTo(4);
        }
    }

    @Test
    void callback_thatAsksOnAndOn_isAnswered() throws Exception {
        try (Predictor<Float, Float> predictor =
                open("quick", builder -> builder.batching(Batching.upTo(8).within(Duration.ofMillis(1))))) {
            CompletableFuture<Float> chain = occupy(predictor);
            for (int i = 0; i < 1000; i++) {
                chain = chain.thenCompose(answer -> predictor.predictAsync(1f));
            }
            gate.countDown();

            assertThat(chain.get(30, TimeUnit.SECONDS)).isEqualTo(2);
        }
    }

    /** It may have been told to, by {@code ThreadPoolExecutor.DiscardPolicy}. */
    @Test
    void future_whoseExecutorDropsTasks_completesSoonAfterItsDeadline() throws IOException {
        List<Runnable> dropped = new CopyOnWriteArrayList<>();
        try (ModelArchive archive = ModelArchive.open(TestArchives.fake(folder, "m", "quick", "none"));
                Predictor<float[], float[]> predictor = Predictor.builder(archive, TensorHandler.ofFloats())
                        .completeOn(dropped::add)
                        .open()) {
            CompletableFuture<float[]> answer = predictor.predictAsync(new float[] {1}, Duration.ofMillis(50));

            assertThat(answer).succeedsWithin(Duration.ofSeconds(30)).isEqualTo(new float[] {2});
            dropped.forEach(Runnable::run);
            assertThat(predictor.metrics().answered()).isEqualTo(1);
        }
    }
}
