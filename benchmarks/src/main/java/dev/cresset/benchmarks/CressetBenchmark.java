package dev.cresset.benchmarks;

import dev.cresset.BoundCall;
import dev.cresset.Model;
import dev.cresset.ModelOptions;
import dev.cresset.Predictor;
import dev.cresset.engine.Optimization;
import dev.cresset.mar.ModelArchive;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.TensorSpec;
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.util.List;
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

/** Cresset's three ways to call a model. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@SuppressWarnings("NullAway.Init")
public class CressetBenchmark {

    /** Which model. */
    @Param
    public Recorded model;

    /** Items in one call. */
    @Param("1")
    public int batch;

    /** Threads that one call may use. */
    @Param("1")
    public int threads;

    private Model opened;
    private Model frozen;
    private Tensor input;
    private Tensor output;
    private BoundCall bound;
    private BoundCall boundFrozen;
    private Predictor<float[], float[]> predictor;
    private float[] floats;

    /** Opens the model every way, and checks every way's answer. */
    @Setup
    public void open() throws IOException {
        floats = model.input(batch);
        ModelOptions options = ModelOptions.builder()
                .intraOpThreads(threads)
                .inputs(TensorSpec.of(DataType.FLOAT32, model.shape(batch)))
                .build();
        opened = Model.open(model.torchScript(), options);
        System.out.println(opened.plan());
        input = Tensor.of(floats, model.shape(batch));
        output = Tensor.allocate(DataType.FLOAT32, batch, model.outputSize());
        bound = opened.bind(List.of(input), List.of(output));
        frozen = Model.open(
                model.torchScript(),
                ModelOptions.builder()
                        .intraOpThreads(threads)
                        .optimization(Optimization.FROZEN)
                        .build());
        boundFrozen = frozen.bind(List.of(input), List.of(output));
        frozen();
        model.check(output.toFloatArray(), batch);
        try (ModelArchive archive = ModelArchive.open(Archives.of(model))) {
            predictor = Predictor.builder(archive, new Floats(model.shape(batch)))
                    .modelOptions(options)
                    .open();
        }
        boundCall();
        model.check(output.toFloatArray(), batch);
        try (Value answer = opened.forward(input)) {
            model.check(answer.asTensor().toFloatArray(), batch);
        }
        model.check(predict(), batch);
    }

    /** Closes it all. */
    @TearDown
    public void close() {
        predictor.close();
        boundFrozen.close();
        bound.close();
        frozen.close();
        output.close();
        input.close();
        opened.close();
    }

    /** Input and output tensors reused. */
    @Benchmark
    public void boundCall() {
        bound.run();
    }

    /** The same, but computed as the C++ loop computes it. */
    @Benchmark
    public void frozen() {
        boundFrozen.run();
    }

    /** Input reused, a new output a call, closed. */
    @Benchmark
    public void forward() {
        opened.forward(input).close();
    }

    /** Through a handler: an array in, an array out. */
    @Benchmark
    public float[] predict() {
        return predictor.predict(floats);
    }
}
