package dev.cresset.benchmarks;

import ai.djl.inference.Predictor;
import ai.djl.repository.zoo.ZooModel;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** DJL as its documentation has it: a predictor of its own for each caller ({@code -t}). Answers a second, each checked. */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(
        jvmArgsAppend = {
            "-Dai.djl.default_engine=PyTorch",
            "-Dai.djl.offline=true",
            "-DOPT_OUT_TRACKING=true",
            "-Dai.djl.pytorch.num_interop_threads=1"
        })
@SuppressWarnings("NullAway.Init")
public class DjlCallersBenchmark {

    /** What the callers share. */
    @State(Scope.Benchmark)
    public static class Shared {

        /** Which model. */
        @Param("MLP")
        public Recorded model;

        private Rows rows;
        private ZooModel<float[], float[]> opened;

        /** Opens the model. */
        @Setup
        public void open() throws Exception {
            System.setProperty("ai.djl.pytorch.num_threads", "1");
            rows = new Rows(model);
            opened = DjlFloats.open(model);
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
        private Predictor<float[], float[]> predictor;
        private int next = (int) Thread.currentThread().getId();

        /** Makes it. */
        @Setup
        public void open(Shared shared) {
            predictor = shared.opened.newPredictor();
        }

        /** Closes it. */
        @TearDown
        public void close() {
            predictor.close();
        }
    }

    /** One answer. */
    @Benchmark
    public void blocking(Shared shared, Caller caller) throws Exception {
        int row = caller.next++;
        shared.rows.check(row, caller.predictor.predict(shared.rows.input(row)));
    }
}
