package dev.cresset.benchmarks;

import dev.cresset.BoundCall;
import dev.cresset.Model;
import dev.cresset.ModelOptions;
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

/** One model and as many callers as JMH has threads ({@code -t}), each with a bound call of its own: calls a second. */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@SuppressWarnings("NullAway.Init")
public class CallersBenchmark {

    /** What the callers share. */
    @State(Scope.Benchmark)
    public static class Shared {

        /** Which model. */
        @Param
        public Recorded model;

        private Model opened;

        /** Opens the model. */
        @Setup
        public void open() throws IOException {
            ModelOptions options = ModelOptions.builder()
                    .inputs(TensorSpec.of(DataType.FLOAT32, model.shape(1)))
                    .build();
            opened = Model.open(model.torchScript(), options);
        }

        /** Closes it. */
        @TearDown
        public void close() {
            opened.close();
        }
    }

    /** What each has of its own. */
    @State(Scope.Thread)
    public static class Caller {
        private Tensor input;
        private Tensor output;
        private BoundCall call;

        /** Binds a call, and checks its answer. */
        @Setup
        public void bind(Shared shared) {
            input = Tensor.of(shared.model.input(1), shared.model.shape(1));
            output = Tensor.allocate(DataType.FLOAT32, 1, shared.model.outputSize());
            call = shared.opened.bind(List.of(input), List.of(output));
            call.run();
            shared.model.check(output.toFloatArray(), 1);
        }

        /** Lets go of it. */
        @TearDown
        public void close() {
            call.close();
            output.close();
            input.close();
        }
    }

    /** One call. */
    @Benchmark
    public void boundCall(Shared shared, Caller caller) {
        caller.call.run();
    }
}
