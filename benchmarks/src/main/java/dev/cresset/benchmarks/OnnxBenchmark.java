package dev.cresset.benchmarks;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.cresset.BoundCall;
import dev.cresset.Model;
import dev.cresset.ModelOptions;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** What Cresset costs over ONNX Runtime: one call of the same session options, through Cresset and through its own Java API. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@SuppressWarnings("NullAway.Init")
public class OnnxBenchmark {

    /** Which model. */
    @Param("MLP")
    public Recorded model;

    /** Items in one call. */
    @Param("1")
    public int batch;

    private Model opened;
    private Tensor input;
    private Tensor output;
    private BoundCall bound;

    private OrtEnvironment environment;
    private OrtSession.SessionOptions options;
    private OrtSession session;
    private FloatBuffer floats;
    private OnnxTensor ortInput;
    private OnnxTensor ortOutput;
    private Map<String, OnnxTensor> inputs;
    private Map<String, OnnxTensor> outputs;

    /** Opens the model both ways, and checks both answers. */
    @Setup(Level.Trial)
    public void open() throws IOException, OrtException {
        opened = Model.open(
                model.onnx(), ModelOptions.builder().intraOpThreads(1).build());
        input = Tensor.of(model.input(batch), model.shape(batch));
        output = Tensor.allocate(DataType.FLOAT32, batch, model.outputSize());
        bound = opened.bind(List.of(input), List.of(output));
        cressetBound();
        model.check(output.toFloatArray(), batch);
        openPlain();
    }

    private void openPlain() throws OrtException {
        environment = OrtEnvironment.getEnvironment();
        options = new OrtSession.SessionOptions();
        options.setIntraOpNumThreads(1);
        options.setInterOpNumThreads(1);
        options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
        session = environment.createSession(model.onnx().toString(), options);
        floats = direct(model.input(batch).length).put(model.input(batch)).flip();
        ortInput = OnnxTensor.createTensor(environment, floats, model.shape(batch));
        FloatBuffer answer = direct(model.outputSize() * batch);
        ortOutput = OnnxTensor.createTensor(environment, answer, new long[] {batch, model.outputSize()});
        inputs = Map.of(session.getInputNames().iterator().next(), ortInput);
        outputs = Map.of(session.getOutputNames().iterator().next(), ortOutput);
        ortPinned();
        float[] pinned = new float[model.outputSize() * batch];
        answer.get(0, pinned);
        model.check(pinned, batch);
    }

    private static FloatBuffer direct(int floats) {
        return ByteBuffer.allocateDirect(floats * Float.BYTES)
                .order(ByteOrder.nativeOrder())
                .asFloatBuffer();
    }

    /** Closes it all. */
    @TearDown
    public void close() throws OrtException {
        ortOutput.close();
        ortInput.close();
        session.close();
        options.close();
        bound.close();
        output.close();
        input.close();
        opened.close();
    }

    /** ONNX Runtime's own way of least cost: input and output tensors reused. */
    @Benchmark
    public void ortPinned() throws OrtException {
        session.run(inputs, outputs).close();
    }

    /** The same through Cresset. */
    @Benchmark
    public void cressetBound() {
        bound.run();
    }

    /** A new input tensor over the same buffer, and the output copied to an array. */
    @Benchmark
    public float[] ortNewTensors() throws OrtException {
        try (OnnxTensor tensor = OnnxTensor.createTensor(environment, floats, model.shape(batch));
                OrtSession.Result result =
                        session.run(Map.of(session.getInputNames().iterator().next(), tensor))) {
            FloatBuffer buffer = ((OnnxTensor) result.get(0)).getFloatBuffer();
            float[] answer = new float[buffer.remaining()];
            buffer.get(answer);
            return answer;
        }
    }

    /** A new output a call, copied to an array and closed. */
    @Benchmark
    public float[] cressetForward() {
        try (Value answer = opened.forward(input)) {
            return answer.asTensor().toFloatArray();
        }
    }
}
