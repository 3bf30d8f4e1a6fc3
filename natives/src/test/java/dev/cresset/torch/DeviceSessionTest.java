package dev.cresset.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cresset.engine.Engine;
import dev.cresset.engine.EngineException;
import dev.cresset.engine.EngineModel;
import dev.cresset.engine.EngineSession;
import dev.cresset.engine.LoadOptions;
import dev.cresset.engine.ModelSource;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Memory;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Calls that are started and awaited, with memory that the device copies from and to by itself. */
@Tag("device")
class DeviceSessionTest {

    private static final Engine ENGINE = new OnDevice(TestDevice.engine(), TestDevice.DEVICE);

    @AfterEach
    void nothingWasMisused() {
        if (!TestDevice.isGpu()) {
            assertThat(TestDevice.misuses()).isEmpty();
            assertThat(TestDevice.pending()).isZero();
        }
    }

    private static EngineModel contract() {
        return ENGINE.load(
                new ModelSource.InFile("contract", TorchContractTest.fixture("modules/contract.pt")),
                new LoadOptions(1, true));
    }

    /** Host memory that the device copies by itself, and a tensor over it. */
    private static final class Block implements AutoCloseable {
        final Memory memory;
        final Tensor tensor;

        Block(EngineModel model, long... shape) {
            long bytes = Float.BYTES;
            for (long size : shape) {
                bytes *= size;
            }
            memory = model.hostMemory(bytes);
            tensor = Tensor.ofEngine(DataType.FLOAT32, shape, memory);
        }

        @Override
        public void close() {
            tensor.close();
        }
    }

    @Test
    void hostMemory_isZeroed() {
        try (EngineModel model = contract();
                Block block = new Block(model, 1000)) {
            assertThat(block.tensor.toFloatArray()).containsOnly(0);
        }
    }

    @Test
    void hostMemory_outlivesItsModel() {
        Block block;
        try (EngineModel model = contract()) {
            block = new Block(model, 4);
        }
        block.tensor.asFloatBuffer().put(0, 5);
        assertThat(block.tensor.toFloatArray()).containsExactly(5, 0, 0, 0);
        block.close();
    }

    @Test
    void start_waitsForNoCopy_andAwaitHasTheOutputs() {
        Assumptions.assumeFalse(TestDevice.isGpu(), "a GPU does not say when it copies");
        try (EngineModel model = contract();
                Block x = new Block(model, 2);
                Block y = new Block(model, 2);
                EngineSession session = model.prepare("forward", List.of(x.tensor), List.of(y.tensor))) {
            runOften(session);
            long waited = TestDevice.waitingCopies();
            long deferred = TestDevice.deferredCopies();
            y.tensor.copyFrom(new float[] {-1, -1});
            x.tensor.copyFrom(new float[] {10, 20});

            session.start();

            assertThat(TestDevice.pending()).isPositive();
            assertThat(y.tensor.toFloatArray()).containsExactly(-1, -1);
            assertThat(TestDevice.deferredCopies() - deferred).isEqualTo(2);

            session.await();

            assertThat(y.tensor.toFloatArray()).containsExactly(21, 41);
            // The stand-in's kernels copy; the call's own copies are not among them.
            assertThat(TestDevice.waitingCopies() - waited).isEqualTo(copiesOfKernels());
        }
    }

    /** What one call of {@code forward} copies within the stand-in, whose kernels are the CPU's. */
    private static long copiesOfKernels() {
        long before = TestDevice.waitingCopies();
        try (EngineModel model = contract();
                Block x = new Block(model, 2);
                Block y = new Block(model, 2);
                EngineSession session = model.prepare("forward", List.of(x.tensor), List.of(y.tensor))) {
            runOften(session);
            before = TestDevice.waitingCopies();
            session.run();
        }
        return TestDevice.waitingCopies() - before;
    }

    private static void runOften(EngineSession session) {
        for (int i = 0; i < 5; i++) {
            session.run();
        }
    }

    @Test
    void start_ofTwoSessions_interleave_andEachHasItsOwnAnswer() {
        try (EngineModel model = contract();
                Block x1 = new Block(model, 2);
                Block y1 = new Block(model, 2);
                Block x2 = new Block(model, 2);
                Block y2 = new Block(model, 2);
                EngineSession first = model.prepare("forward", List.of(x1.tensor), List.of(y1.tensor));
                EngineSession second = model.prepare("forward", List.of(x2.tensor), List.of(y2.tensor))) {
            first.start();
            for (int i = 1; i < 20; i++) {
                x2.tensor.copyFrom(new float[] {i, -i});
                second.start();
                first.await();
                x1.tensor.copyFrom(new float[] {100 + i, i});
                first.start();
                second.await();
                assertThat(y2.tensor.toFloatArray()).containsExactly(2 * i + 1, -2 * i + 1);
            }
            first.await();
            assertThat(y1.tensor.toFloatArray()).containsExactly(2 * 119 + 1, 2 * 19 + 1);
        }
    }

    @Test
    void sessions_onManyThreads_answerRight() throws Exception {
        int threads = 4;
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try (EngineModel model = contract()) {
            List<Callable<Boolean>> callers = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                float base = 1000 * t;
                callers.add(() -> areAllRight(model, base));
            }
            for (Future<Boolean> right : pool.invokeAll(callers)) {
                assertThat(right.get()).isTrue();
            }
        } finally {
            pool.shutdown();
        }
    }

    private static boolean areAllRight(EngineModel model, float base) {
        boolean right = true;
        try (Block x = new Block(model, 2);
                Block y = new Block(model, 2);
                EngineSession session = model.prepare("forward", List.of(x.tensor), List.of(y.tensor))) {
            for (int i = 0; i < 100; i++) {
                x.tensor.copyFrom(new float[] {base + i, i});
                session.start();
                session.await();
                float[] got = y.tensor.toFloatArray();
                right &= got[0] == 2 * (base + i) + 1 && got[1] == 2 * i + 1;
            }
        }
        return right;
    }

    @Test
    void close_ofWhatWasStarted_waitsForItsCopies() {
        try (EngineModel model = contract();
                Block x = new Block(model, 2);
                Block y = new Block(model, 2)) {
            EngineSession session = model.prepare("forward", List.of(x.tensor), List.of(y.tensor));
            runOften(session);
            x.tensor.copyFrom(new float[] {10, 20});
            session.start();

            session.close();

            assertThat(y.tensor.toFloatArray()).containsExactly(21, 41);
        }
    }

    @Test
    void result_withoutOutputs_isLent() {
        try (EngineModel model = contract();
                Block x = new Block(model, 2);
                EngineSession session = model.prepare("pair", List.of(x.tensor), List.of())) {
            x.tensor.copyFrom(new float[] {1, 2});
            for (int i = 0; i < 5; i++) {
                session.start();
                session.await();
                Value result = session.result();
                assertThat(result.asList().get(0).asTensor().toFloatArray()).containsExactly(2, 3);
                assertThat(result.asList().get(1).asTensor().toFloatArray()).containsExactly(0, 1);
            }
        }
    }

    @Test
    void start_thatIsRefused_canBeStartedAgain() {
        try (EngineModel model = contract();
                Block x = new Block(model, 2);
                Block small = new Block(model, 1);
                Block y = new Block(model, 2);
                EngineSession session = model.prepare("forward", List.of(x.tensor), List.of(small.tensor));
                EngineSession other = model.prepare("forward", List.of(x.tensor), List.of(y.tensor))) {
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(session::start)
                        .isInstanceOfSatisfying(
                                EngineException.class,
                                e -> assertThat(e.kind()).isEqualTo(EngineException.Kind.INVALID_INPUT));
                other.start();
                other.await();
                assertThat(y.tensor.toFloatArray()).containsExactly(1, 1);
            }
        }
    }

    @Test
    void stateful_callsOnManyStreams_areAllCounted() throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(4);
        try (EngineModel model = ENGINE.load(
                        new ModelSource.InFile("counter", TorchContractTest.fixture("modules/counter.pt")),
                        new LoadOptions(1, true));
                Tensor x = Tensor.of(new float[] {1}, 1)) {
            List<Callable<Boolean>> callers = new ArrayList<>();
            for (int t = 0; t < 4; t++) {
                callers.add(() -> {
                    try (Tensor y = Tensor.allocate(DataType.FLOAT32, 1);
                            EngineSession session = model.prepare("forward", List.of(x), List.of(y))) {
                        for (int i = 0; i < 50; i++) {
                            session.start();
                            session.await();
                        }
                    }
                    return true;
                });
            }
            for (Future<Boolean> done : pool.invokeAll(callers)) {
                done.get();
            }
            assertThat(model.invoke("count", List.of())).isEqualTo(Value.of(200));
        } finally {
            pool.shutdown();
        }
    }

    @Test
    void invoke_withMemoryOfACallers_copiesIt() {
        ByteBuffer bytes = ByteBuffer.allocateDirect(8).order(ByteOrder.nativeOrder());
        bytes.asFloatBuffer().put(0, 3).put(1, 4);
        try (EngineModel model = contract();
                Tensor x = Tensor.wrap(DataType.FLOAT32, bytes, 2);
                Value y = model.invoke("forward", List.of(x))) {
            assertThat(y.asTensor().toFloatArray()).containsExactly(7, 9);
        }
    }
}
