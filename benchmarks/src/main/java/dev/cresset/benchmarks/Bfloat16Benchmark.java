package dev.cresset.benchmarks;

import dev.cresset.BoundCall;
import dev.cresset.Model;
import dev.cresset.ModelOptions;
import dev.cresset.engine.Precision;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.TensorSpec;
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

/** Cresset in bfloat16, on CPUs that compute with it. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@SuppressWarnings("NullAway.Init")
public class Bfloat16Benchmark {

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
    private Tensor input;
    private Tensor output;
    private BoundCall bound;

    /** Opens the model, and checks its answer within what it is allowed to move. */
    @Setup
    public void open() throws IOException {
        ModelOptions options = ModelOptions.builder()
                .intraOpThreads(threads)
                .inputs(TensorSpec.of(DataType.FLOAT32, model.shape(batch)))
                .precision(Precision.BFLOAT16)
                .build();
        opened = Model.open(model.torchScript(), options);
        System.out.println(opened.plan());
        input = Tensor.of(model.input(batch), model.shape(batch));
        output = Tensor.allocate(DataType.FLOAT32, batch, model.outputSize());
        bound = opened.bind(List.of(input), List.of(output));
        boundCall();
        model.check(output.toFloatArray(), batch, (float) options.maxDeviation());
    }

    /** Closes it all. */
    @TearDown
    public void close() {
        bound.close();
        output.close();
        input.close();
        opened.close();
    }

    /** Input and output tensors reused. */
    @Benchmark
    public void boundCall() {
        bound.run();
    }
}
