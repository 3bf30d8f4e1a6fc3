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
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
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
                        .method("forward", "x: Tensor", "Tensor", a -> forward(a.get(0).asTensor())));
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
        public void preprocess(Float request, Inputs inputs) {
            Tensor x = inputs.tensor(DataType.FLOAT32, 1);
            if (request == SLOW_TO_WRITE) {
                writing.countDown();
                BatchRacesTest.await(written);
            } else if (request == WRITING_FAILS) {
                throw new IllegalArgumentException("asked to fail");
            }
            x.asFloatBuffer().put(request);
        }

        @Override
        public Float postprocess(Float request, Value output) {
            if (request == SLOW_TO_READ) {
                reading.countDown();
                BatchRacesTest.await(read);
            } else if (request == READING_FAILS) {
                throw new IllegalStateException("asked to fail");
            }
            return postprocess(output);
        }

        @Override
        public Float postprocess(Value output) {
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
            return more.apply(Predictor.builder(archive, new Doubles()).workers(1).batching(Batching.upTo(4)))
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
}
