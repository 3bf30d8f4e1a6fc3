package dev.cresset.benchmarks;

import dev.cresset.BoundCall;
import dev.cresset.Model;
import dev.cresset.ModelOptions;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.TensorSpec;
import java.io.IOException;
import java.nio.file.Path;
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

/** The same model as TorchScript and as {@code torch.export} writes it: one call on one thread. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@SuppressWarnings("NullAway.Init")
public class ExportedBenchmark {

    /** How a model was written to its file. */
    public enum Form {
        /** By {@code torch.jit.trace}. */
        TRACED,
        /** By {@code torch.export}. */
        EXPORTED,
        /** The same, after {@code run_decompositions()}. */
        DECOMPOSED;

        private Path of(Recorded model) {
            return switch (this) {
                case TRACED -> model.torchScript();
                case EXPORTED -> model.exported();
                case DECOMPOSED -> model.decomposed();
            };
        }
    }

    /** Which model. */
    @Param
    public Recorded model;

    /** Which of its files. */
    @Param
    public Form form;

    private Model opened;
    private Tensor input;
    private Tensor output;
    private BoundCall bound;

    /** Opens the model, and checks its answer. */
    @Setup
    public void open() throws IOException {
        opened = Model.open(
                form.of(model),
                ModelOptions.builder()
                        .intraOpThreads(1)
                        .inputs(TensorSpec.of(DataType.FLOAT32, model.shape(1)))
                        .build());
        System.out.println(opened.plan());
        input = Tensor.of(model.input(1), model.shape(1));
        output = Tensor.allocate(DataType.FLOAT32, 1, model.outputSize());
        bound = opened.bind(List.of(input), List.of(output));
        boundCall();
        model.check(output.toFloatArray(), 1);
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
