package dev.cresset.torch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.BoundCall;
import dev.cresset.ClosedException;
import dev.cresset.Model;
import dev.cresset.engine.InThread;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Closing models, calls and tensors under running calls, with real native memory: an exception or a result, never a crash. */
@Timeout(120)
class CloseRacesTest {

    private static final Path MLP = TorchContractTest.fixture("risk/mlp-16-32-32-4.pt");
    private static final int ROUNDS = 300;

    @Test
    void model_closedUnderItsCallers() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            Model model = Model.open(MLP);
            race(
                    model::close,
                    () -> {
                        try (Tensor x = Tensor.allocate(DataType.FLOAT32, 2, 16)) {
                            while (true) {
                                model.forward(x).close();
                            }
                        }
                    },
                    () -> {
                        try (Tensor x = Tensor.allocate(DataType.FLOAT32, 2, 16);
                                Tensor y = Tensor.allocate(DataType.FLOAT32, 2, 4);
                                BoundCall call = model.bind(List.of(x), List.of(y))) {
                            while (true) {
                                call.run();
                            }
                        }
                    });
        }
    }

    /** Closing gives back what calls have let go of; what others use of it, results that are still open among it, stays theirs. */
    @Test
    void model_closed_whileOthersUseLargeTensors() throws Exception {
        try (Model busy = Model.open(TorchContractTest.fixture("modules/busy.pt"))) {
            List<CompletableFuture<Void>> others = new ArrayList<>();
            for (int caller = 1; caller <= 3; caller++) {
                float number = caller / 4f;
                others.add(CompletableFuture.runAsync(() -> useLargeTensors(busy, number)));
            }
            while (!others.stream().allMatch(CompletableFuture::isDone)) {
                Model.open(MLP).close();
            }
            for (CompletableFuture<Void> other : others) {
                other.get();
            }
        }
    }

    private static void useLargeTensors(Model busy, float number) {
        Value before = null;
        for (int round = 0; round < 40; round++) {
            // Of sizes that fit into each other's memory.
            int size = (1 << 20) + (round % 4 << 18);
            float[] numbers = new float[size];
            Arrays.fill(numbers, number);
            try (Tensor x = Tensor.of(numbers, size)) {
                Value result = busy.forward(x, Value.of(2));
                if (before != null) {
                    assertThatAllAre(before.asTensor().toFloatArray(), (float) Math.tanh(Math.tanh(number)));
                    before.close();
                }
                before = result;
            }
        }
        if (before != null) {
            before.close();
        }
    }

    private static void assertThatAllAre(float[] found, float expected) {
        for (float one : found) {
            if (Math.abs(one - expected) > 1e-5) {
                throw new AssertionError("found " + one + ", expected " + expected);
            }
        }
    }

    @Test
    void model_closedUnderThreadsThatBind() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            Model model = Model.open(MLP);
            Runnable binding = () -> {
                try (Tensor x = Tensor.allocate(DataType.FLOAT32, 2, 16);
                        Tensor y = Tensor.allocate(DataType.FLOAT32, 2, 4)) {
                    while (true) {
                        try (BoundCall call = model.bind(List.of(x), List.of(y))) {
                            call.run();
                        }
                    }
                }
            };
            race(model::close, binding, binding);
        }
    }

    @Test
    void boundCall_closedUnderItsCaller() throws Exception {
        try (Model model = Model.open(MLP)) {
            for (int round = 0; round < ROUNDS; round++) {
                Tensor x = Tensor.allocate(DataType.FLOAT32, 2, 16);
                Tensor y = Tensor.allocate(DataType.FLOAT32, 2, 4);
                BoundCall call = model.bind(List.of(x), List.of(y));
                race(
                        () -> {
                            x.close();
                            y.close();
                            call.close();
                        },
                        () -> {
                            while (true) {
                                call.run();
                            }
                        });
            }
        }
    }

    @Test
    void inputTensor_closedUnderACall() throws Exception {
        try (Model model = Model.open(MLP)) {
            for (int round = 0; round < ROUNDS; round++) {
                Tensor x = Tensor.allocate(DataType.FLOAT32, 256, 16);
                race(x::close, () -> {
                    while (true) {
                        model.forward(x).close();
                    }
                });
            }
        }
    }

    @Test
    void resultTensor_closedUnderItsReader() throws Exception {
        try (Model model = Model.open(MLP);
                Tensor x = Tensor.allocate(DataType.FLOAT32, 256, 16)) {
            for (int round = 0; round < ROUNDS; round++) {
                Value y = model.forward(x);
                race(y::close, () -> {
                    while (true) {
                        y.asTensor().toFloatArray();
                    }
                });
            }
        }
    }

    @Test
    void views_readAfterEverythingIsClosed() throws IOException {
        List<java.nio.FloatBuffer> views = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            try (Model model = Model.open(TorchContractTest.fixture("modules/contract.pt"));
                    Value y = model.invoke("fill", Value.of(10_000))) {
                views.add(y.asTensor().asFloatBuffer());
            }
        }
        for (java.nio.FloatBuffer view : views) {
            assertThat(view.get(9_999)).isEqualTo(9_999);
        }
    }

    /** Runs the loops, closes, and expects each loop to end in "closed" and nothing else. */
    private static void race(Runnable close, Runnable... loops) throws Exception {
        CountDownLatch started = new CountDownLatch(loops.length);
        List<CompletableFuture<Throwable>> ends = new ArrayList<>();
        for (Runnable loop : loops) {
            ends.add(InThread.supply(() -> {
                started.countDown();
                try {
                    loop.run();
                    return new AssertionError("the loop ended by itself");
                } catch (ClosedException | IllegalStateException e) {
                    return e;
                } catch (RuntimeException | Error e) {
                    return new AssertionError("neither a result nor 'closed'", e);
                }
            }));
        }
        started.await();
        close.run();
        for (CompletableFuture<Throwable> end : ends) {
            assertThat(end.get()).isNotInstanceOf(AssertionError.class).hasMessageContaining("closed");
        }
    }
}
