package dev.cresset.benchmarks;

import dev.cresset.Model;
import dev.cresset.ModelOptions;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.TensorSpec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
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

/** ResNet-18 a second, for every choice of callers and of threads for one call: none may collapse. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@SuppressWarnings("NullAway.Init")
public class ThreadGridBenchmark {

    private static final int CALLS = 16;

    /** Threads that call. */
    @Param({"1", "2", "4"})
    public int callers;

    /** Threads that one call may use. */
    @Param({"1", "2", "4"})
    public int intraOpThreads;

    private Model model;
    private Tensor input;
    private ExecutorService pool;

    /** Opens the model. */
    @Setup
    public void open() throws IOException {
        ModelOptions options = ModelOptions.builder()
                .intraOpThreads(intraOpThreads)
                .inputs(TensorSpec.of(DataType.FLOAT32, Recorded.RESNET18.shape(1)))
                .build();
        model = Model.open(Recorded.RESNET18.torchScript(), options);
        input = Tensor.of(Recorded.RESNET18.input(1), Recorded.RESNET18.shape(1));
        pool = Executors.newFixedThreadPool(callers);
    }

    /** Closes it. */
    @TearDown
    public void close() {
        pool.shutdown();
        model.close();
        input.close();
    }

    /** Sixteen predictions, shared by the callers. */
    @Benchmark
    @OperationsPerInvocation(CALLS)
    public void predictions() throws Exception {
        List<Callable<Object>> calls = new ArrayList<>();
        for (int i = 0; i < CALLS; i++) {
            calls.add(() -> {
                model.forward(input).close();
                return this;
            });
        }
        for (Future<Object> done : pool.invokeAll(calls)) {
            done.get();
        }
    }
}
