package dev.cresset.benchmarks;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** ONNX Runtime's Java API: tensors reused, as its documentation advises, and made anew for each call. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@SuppressWarnings("NullAway.Init")
public class OnnxRuntimeBenchmark {

    /** Which model. */
    @Param
    public Recorded model;

    /** Items in one call. */
    @Param("1")
    public int batch;

    /** Threads that one call may use. */
    @Param("1")
    public int threads;

    private OrtEnvironment environment;
    private OrtSession.SessionOptions options;
    private OrtSession session;
    private OnnxTensor input;
    private OnnxTensor output;
    private FloatBuffer outputFloats;
    private Map<String, OnnxTensor> inputs;
    private Map<String, OnnxTensor> outputs;
    private FloatBuffer floats;

    /** Opens the model, and checks both ways' answers. */
    @Setup
    public void open() throws OrtException {
        environment = OrtEnvironment.getEnvironment();
        options = new OrtSession.SessionOptions();
        options.setIntraOpNumThreads(threads);
        options.setInterOpNumThreads(1);
        options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
        session = environment.createSession(model.onnx().toString(), options);
        floats = direct(model.input(batch).length).put(model.input(batch)).flip();
        input = OnnxTensor.createTensor(environment, floats, model.shape(batch));
        outputFloats = direct(model.outputSize() * batch);
        output = OnnxTensor.createTensor(environment, outputFloats, new long[] {batch, model.outputSize()});
        inputs = Map.of(session.getInputNames().iterator().next(), input);
        outputs = Map.of(session.getOutputNames().iterator().next(), output);
        model.check(newTensors(), batch);
        reusedTensors();
        float[] pinned = new float[model.outputSize() * batch];
        outputFloats.get(0, pinned);
        model.check(pinned, batch);
    }

    /** Closes it all. */
    @TearDown
    public void close() throws OrtException {
        output.close();
        input.close();
        session.close();
        options.close();
    }

    /** The input's and the output's memory fixed. */
    @Benchmark
    public void reusedTensors() throws OrtException {
        session.run(inputs, outputs).close();
    }

    /** A new input tensor over the same buffer, and the output copied to an array. */
    @Benchmark
    public float[] newTensors() throws OrtException {
        try (OnnxTensor tensor = OnnxTensor.createTensor(environment, floats, model.shape(batch));
                OrtSession.Result result =
                        session.run(Map.of(session.getInputNames().iterator().next(), tensor))) {
            FloatBuffer buffer = ((OnnxTensor) result.get(0)).getFloatBuffer();
            float[] answer = new float[buffer.remaining()];
            buffer.get(answer);
            return answer;
        }
    }

    private static FloatBuffer direct(int floats) {
        return ByteBuffer.allocateDirect(floats * Float.BYTES)
                .order(ByteOrder.nativeOrder())
                .asFloatBuffer();
    }
}
