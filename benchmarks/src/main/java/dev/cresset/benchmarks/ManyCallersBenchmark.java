package dev.cresset.benchmarks;

import dev.cresset.Batching;
import dev.cresset.Predictor;
import dev.cresset.WhenFull;
import dev.cresset.mar.ModelArchive;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
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

/** One predictor and as many callers as JMH has threads ({@code -t}): answers a second, each checked. */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@SuppressWarnings("NullAway.Init")
public class ManyCallersBenchmark {

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

        private Rows rows;
        private Predictor<float[], float[]> predictor;

        /** Opens the predictor, and checks the answer to every row. */
        @Setup
        public void open() throws IOException {
            rows = new Rows(model);
            predictor = predictor(model, maxBatch, 1 << 16);
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

    /** A predictor of rows. */
    static Predictor<float[], float[]> predictor(Recorded model, int maxBatch, int queue) throws IOException {
        try (ModelArchive archive = ModelArchive.open(Archives.of(model))) {
            return Predictor.builder(archive, new RowHandler(model.shape(1)))
                    .batching(Batching.upTo(maxBatch))
                    .queue(queue, WhenFull.REJECT)
                    .open();
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
        shared.rows.check(row, shared.predictor.predict(shared.rows.input(row)));
    }

    /** Sixteen answers, asked for before the first is waited for. */
    @Benchmark
    @OperationsPerInvocation(IN_FLIGHT)
    public void inFlight(Shared shared, Caller caller) {
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
