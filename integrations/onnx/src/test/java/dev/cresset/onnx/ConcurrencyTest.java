package dev.cresset.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.cresset.BoundCall;
import dev.cresset.ClosedException;
import dev.cresset.Model;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Memory;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Close against running calls; what a call allocates; what is given back. */
class ConcurrencyTest {

    private static Model mlp() throws IOException {
        return Fixtures.open("mlp-16-32-32-4");
    }

    @Test
    void close_whileCallsRun_endsThemWithAnAnswerOrAClosedException() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            for (int round = 0; round < 50; round++) {
                Model model = mlp();
                CountDownLatch inside = new CountDownLatch(4);
                List<Future<Boolean>> callers = new ArrayList<>();
                for (int i = 0; i < 4; i++) {
                    boolean bound = i % 2 == 0;
                    callers.add(threads.submit(() -> bound ? callBound(model, inside) : call(model, inside)));
                }
                inside.await();
                model.close();
                for (Future<Boolean> caller : callers) {
                    assertThat(caller.get()).isTrue();
                }
            }
        } finally {
            threads.shutdown();
        }
    }

    private static boolean call(Model model, CountDownLatch inside) {
        try (Tensor rows = Tensor.allocate(DataType.FLOAT32, 64, 16)) {
            while (true) {
                try (Value scores = model.forward(rows)) {
                    inside.countDown();
                    assertThat(scores.asTensor().shape()).containsExactly(64, 4);
                }
            }
        } catch (ClosedException e) {
            return true;
        }
    }

    private static boolean callBound(Model model, CountDownLatch inside) {
        try (Tensor rows = Tensor.allocate(DataType.FLOAT32, 64, 16);
                Tensor scores = Tensor.allocate(DataType.FLOAT32, 64, 4);
                BoundCall call = model.bind(List.of(rows), List.of(scores))) {
            while (true) {
                call.run();
                inside.countDown();
            }
        } catch (ClosedException e) {
            return true;
        }
    }

    @Test
    void close_ofATensorWhileACallReadsIt_doesNoHarm() throws Exception {
        ExecutorService closer = Executors.newSingleThreadExecutor();
        try (Model model = mlp()) {
            for (int i = 0; i < 300; i++) {
                Tensor rows = Tensor.allocate(DataType.FLOAT32, 512, 16);
                Future<?> closed = closer.submit(rows::close);
                try (Value scores = model.forward(rows)) {
                    assertThat(scores.asTensor().shape()).containsExactly(512, 4);
                } catch (IllegalStateException e) {
                    assertThat(e).hasMessageContaining("is closed");
                }
                closed.get();
            }
        } finally {
            closer.shutdown();
        }
    }

    @Test
    void forward_afterClose_isRefused() throws IOException {
        Model model = mlp();
        model.close();
        try (Tensor rows = Tensor.allocate(DataType.FLOAT32, 1, 16)) {
            assertThatThrownBy(() -> model.forward(rows)).isInstanceOf(ClosedException.class);
        }
    }

    @Test
    void forward_closedResults_giveTheirMemoryBack() throws IOException {
        try (Model model = mlp();
                Tensor rows = Tensor.allocate(DataType.FLOAT32, 8, 16)) {
            model.forward(rows).close();
            long before = Memory.alive();
            for (int i = 0; i < 200; i++) {
                model.forward(rows).close();
            }
            assertThat(Memory.alive()).isEqualTo(before);
        }
    }

    /** ONNX Runtime's Java API allocates arrays and a result; Cresset adds nothing to it. */
    @Test
    void run_ofABoundCall_allocatesNoMoreThanTheJavaApi() throws OrtException, IOException {
        try (Model model = mlp();
                Tensor rows = Tensor.allocate(DataType.FLOAT32, 1, 16);
                Tensor scores = Tensor.allocate(DataType.FLOAT32, 1, 4);
                BoundCall call = model.bind(List.of(rows), List.of(scores))) {
            assertThat(allocated(call::run)).isLessThanOrEqualTo(allocatedByTheJavaApi());
        }
    }

    private static long allocatedByTheJavaApi() throws OrtException {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions();
                OrtSession session = environment.createSession(
                        Fixtures.onnx("mlp-16-32-32-4.onnx").toString(), options);
                OnnxTensor rows = OnnxTensor.createTensor(environment, direct(16), new long[] {1, 16});
                OnnxTensor scores = OnnxTensor.createTensor(environment, direct(4), new long[] {1, 4})) {
            Map<String, OnnxTensor> inputs = Map.of("rows", rows);
            Map<String, OnnxTensor> outputs = Map.of("scores", scores);
            return allocated(() -> {
                try {
                    session.run(inputs, outputs).close();
                } catch (OrtException e) {
                    throw new AssertionError(e);
                }
            });
        }
    }

    private static FloatBuffer direct(int floats) {
        return ByteBuffer.allocateDirect(floats * Float.BYTES)
                .order(ByteOrder.nativeOrder())
                .asFloatBuffer();
    }

    /** Bytes a call, once it has been compiled. */
    private static long allocated(Runnable call) {
        com.sun.management.ThreadMXBean threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        for (int i = 0; i < 20_000; i++) {
            call.run();
        }
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 10_000; i++) {
            call.run();
        }
        return (threads.getCurrentThreadAllocatedBytes() - before) / 10_000;
    }
}
