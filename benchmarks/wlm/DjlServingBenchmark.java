package dev.cresset.benchmarks;

import ai.djl.Device;
import ai.djl.serving.wlm.Job;
import ai.djl.serving.wlm.ModelInfo;
import ai.djl.serving.wlm.WorkLoadManager;
import ai.djl.serving.wlm.WorkerPool;
import ai.djl.serving.wlm.util.WlmConfigManager;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * DJL's own batching, {@code wlm} of djl-serving, in process: as many callers as JMH has threads ({@code -t}). Answers a second,
 * each checked. Its delay is given in milliseconds; 0 is the best for throughput here, by trial.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(
        jvmArgsAppend = {
            "-Dai.djl.default_engine=PyTorch",
            "-Dai.djl.offline=true",
            "-DOPT_OUT_TRACKING=true",
            "-Dai.djl.pytorch.num_interop_threads=1",
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"
        })
public class DjlServingBenchmark {

    /** How many futures a caller has in flight. */
    public static final int IN_FLIGHT = 16;

    /** What the callers share. */
    @State(Scope.Benchmark)
    public static class Shared {

        /** Which model. */
        @Param("MLP")
        public Recorded model;

        /** The most requests in a batch. */
        @Param({"1", "64"})
        public int maxBatch;

        /** How long a batch waits, in milliseconds. */
        @Param("0")
        public int delay;

        private Rows rows;
        private WorkLoadManager manager;
        private ModelInfo<float[], float[]> info;

        /** Opens the model, with a worker for each processor. */
        @Setup
        public void open() throws Exception {
            System.setProperty("ai.djl.pytorch.num_threads", "1");
            rows = new Rows(model);
            manager = new WorkLoadManager();
            // A delay of zero counts as none given, unless it is the default.
            WlmConfigManager.getInstance().setMaxBatchDelayMillis(delay);
            Path folder = Files.createTempDirectory("wlm");
            Files.writeString(folder.resolve("serving.properties"), "engine=PyTorch\n");
            info = new ModelInfo<>("m", folder.toUri().toString(), DjlFloats.criteria(model));
            info.setBatchSize(maxBatch);
            info.setMaxBatchDelayMillis(delay);
            info.setQueueSize(1 << 16);
            info.setMinMaxWorkers(2, 2);
            WorkerPool<float[], float[]> pool = manager.registerWorkerPool(info);
            info.load(Device.cpu());
            pool.initWorkers("-1");
            for (int i = 0; i < 32; i++) {
                rows.check(i, ask(i).join());
            }
        }

        CompletableFuture<float[]> ask(int row) {
            return manager.runJob(new Job<>(info, rows.input(row)));
        }

        /** Closes it. */
        @TearDown
        public void close() {
            manager.close();
        }
    }

    /** Where a caller is. */
    @State(Scope.Thread)
    public static class Caller {
        private final List<CompletableFuture<float[]>> futures = new ArrayList<>(IN_FLIGHT);
        private int next = (int) Thread.currentThread().getId();
    }

    /** One answer, waited for. */
    @Benchmark
    public void blocking(Shared shared, Caller caller) {
        int row = caller.next++;
        shared.rows.check(row, shared.ask(row).join());
    }

    /** Sixteen answers, asked for before the first is waited for. */
    @Benchmark
    @OperationsPerInvocation(IN_FLIGHT)
    public void inFlight(Shared shared, Caller caller) {
        caller.futures.clear();
        int first = caller.next;
        caller.next += IN_FLIGHT;
        for (int i = 0; i < IN_FLIGHT; i++) {
            caller.futures.add(shared.ask(first + i));
        }
        for (int i = 0; i < IN_FLIGHT; i++) {
            shared.rows.check(first + i, caller.futures.get(i).join());
        }
    }
}
