package dev.cresset.benchmarks;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.cresset.Batching;
import dev.cresset.Predictor;
import dev.cresset.WhenFull;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Many callers of ONNX Runtime: each with a session of its own, as its Java API suggests, and all with one predictor that joins them. */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@SuppressWarnings("NullAway.Init")
public class OnnxCallersBenchmark {

    /** How many futures a caller has in flight. */
    public static final int IN_FLIGHT = 16;

    /** What the callers share. */
    @State(Scope.Benchmark)
    public static class Shared {

        /** Which model. */
        @Param("MLP")
        public Recorded model;

        private Rows rows;
        private Predictor<float[], float[]> predictor;

        /** Opens the predictor, and checks the answer to every row. */
        @Setup
        public void open() throws IOException {
            rows = new Rows(model);
            predictor = Predictor.builder(model.onnx(), new RowHandler(model.shape(1)))
                    .batching(Batching.upTo(64))
                    .queue(1 << 16, WhenFull.REJECT)
                    .open();
            for (int i = 0; i < 32; i++) {
                rows.check(i, predictor.predict(rows.input(i)));
            }
        }

        /** Closes it. */
        @TearDown
        public void close() {
            predictor.close();
        }
    }

    /** Where a caller of the predictor is. */
    @State(Scope.Thread)
    public static class Caller {
        private final List<CompletableFuture<float[]>> futures = new ArrayList<>(IN_FLIGHT);
        private int next = (int) Thread.currentThread().getId();
    }

    /** What a caller of ONNX Runtime has of its own: a session, and tensors that are used again. */
    @State(Scope.Thread)
    public static class Own {
        private OrtSession.SessionOptions options;
        private OrtSession session;
        private FloatBuffer in;
        private FloatBuffer out;
        private OnnxTensor input;
        private OnnxTensor output;
        private Map<String, OnnxTensor> inputs;
        private Map<String, OnnxTensor> outputs;
        private int next = (int) Thread.currentThread().getId();

        /** Opens the session. */
        @Setup
        public void open(Shared shared) throws OrtException {
            OrtEnvironment environment = OrtEnvironment.getEnvironment();
            Recorded model = shared.model;
            options = new OrtSession.SessionOptions();
            options.setIntraOpNumThreads(1);
            options.setInterOpNumThreads(1);
            session = environment.createSession(model.onnx().toString(), options);
            in = direct(shared.rows.input(0).length);
            out = direct(model.outputSize());
            input = OnnxTensor.createTensor(environment, in, model.shape(1));
            output = OnnxTensor.createTensor(environment, out, new long[] {1, model.outputSize()});
            inputs = Map.of(session.getInputNames().iterator().next(), input);
            outputs = Map.of(session.getOutputNames().iterator().next(), output);
        }

        private static FloatBuffer direct(int floats) {
            return ByteBuffer.allocateDirect(floats * Float.BYTES)
                    .order(ByteOrder.nativeOrder())
                    .asFloatBuffer();
        }

        /** Closes it. */
        @TearDown
        public void close() throws OrtException {
            output.close();
            input.close();
            session.close();
            options.close();
        }
    }

    /** One answer of the caller's own session. */
    @Benchmark
    public void sessionPerThread(Shared shared, Own own) throws OrtException {
        int row = own.next++;
        own.in.put(0, shared.rows.input(row));
        own.session.run(own.inputs, own.outputs).close();
        float[] answer = new float[own.out.capacity()];
        own.out.get(0, answer);
        shared.rows.check(row, answer);
    }

    /** One answer of the predictor, waited for. */
    @Benchmark
    public void predictorBlocking(Shared shared, Caller caller) {
        int row = caller.next++;
        shared.rows.check(row, shared.predictor.predict(shared.rows.input(row)));
    }

    /** Sixteen answers of the predictor, asked for before the first is waited for. */
    @Benchmark
    @OperationsPerInvocation(IN_FLIGHT)
    public void predictorInFlight(Shared shared, Caller caller) {
        caller.futures.clear();
        int first = caller.next;
        caller.next += IN_FLIGHT;
        for (int i = 0; i < IN_FLIGHT; i++) {
            caller.futures.add(shared.predictor.predictAsync(shared.rows.input(first + i)));
        }
        for (int i = 0; i < IN_FLIGHT; i++) {
            shared.rows.check(first + i, caller.futures.get(i).join());
        }
    }
}
