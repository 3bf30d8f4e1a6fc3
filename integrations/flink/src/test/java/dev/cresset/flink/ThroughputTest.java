package dev.cresset.flink;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.OperatingSystemMXBean;
import dev.cresset.Batching;
import dev.cresset.Outcome;
import dev.cresset.Predictor;
import dev.cresset.handler.TensorHandler;
import dev.cresset.mar.ModelArchive;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.datastream.AsyncDataStream;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.async.ResultFuture;
import org.apache.flink.streaming.api.functions.async.RichAsyncFunction;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * How many records a second, beside the same job without a model and a loop without Flink; the table of docs/flink.md. The sides take
 * turns. {@code -Dcresset.flink.throughput=200000}, the number of records, runs it.
 */
@EnabledIfSystemProperty(named = "cresset.flink.throughput", matches = "\\d+")
class ThroughputTest {

    private static final int COUNT = Integer.getInteger("cresset.flink.throughput", 1);
    private static final int ROUNDS = Integer.getInteger("cresset.flink.rounds", 4);
    private static final int SUBTASKS = 2;

    private static final OperatingSystemMXBean PROCESS =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    /** A moment: of the clock, and of the processors' time that this process has had. */
    private record Moment(long nanos, long cpuNanos) {
        static Moment now() {
            return new Moment(System.nanoTime(), PROCESS.getProcessCpuTime());
        }
    }

    private record Side(double perSecond, double cpuMicros) {}

    private static final AtomicReference<Moment> FIRST = new AtomicReference<>();
    private static final LongAdder SEEN = new LongAdder();

    /** From the first result on, so that opening the model is not counted. */
    private static <R> boolean seen(R result) {
        if (FIRST.get() == null) {
            FIRST.compareAndSet(null, Moment.now());
        }
        SEEN.increment();
        return true;
    }

    private static Side side() {
        Moment first = FIRST.getAndSet(null);
        Moment last = Moment.now();
        assertThat(SEEN.sumThenReset()).isEqualTo(COUNT);
        return new Side(
                COUNT * 1e9 / (last.nanos() - first.nanos()), (last.cpuNanos() - first.cpuNanos()) / 1e3 / COUNT);
    }

    private interface Way {
        DataStream<Score> of(DataStream<Event> events);
    }

    private static Side job(Way way) throws Exception {
        StreamExecutionEnvironment job = Risk.job(SUBTASKS);
        way.of(Risk.events(job, COUNT, 0))
                .map(ThroughputTest::seen)
                .returns(Boolean.class)
                .sinkTo(new DiscardingSink<>());
        assertThat(Cluster.shared().run(job).getSerializedThrowable()).isEmpty();
        return side();
    }

    /** What Flink itself costs. */
    private static final class AtOnce extends RichAsyncFunction<Event, Score> {
        private static final long serialVersionUID = 1L;

        @Override
        public void asyncInvoke(Event event, ResultFuture<Score> result) {
            result.complete(List.of(new Score(event.id(), event.features()[0], "")));
        }
    }

    private static Scoring<Event, Score> scoring(int capacity) {
        return Scoring.builder(ModelLocation.at(Risk.ARCHIVE.toString()), () -> TensorHandler.ofFloats(Event.COLUMNS))
                .records(Event::features, (Event event, float[] risk) -> new Score(event.id(), risk[0], ""))
                .predictor(builder -> builder.batching(Batching.upTo(64)))
                .capacity(capacity)
                .build();
    }

    /** As many threads as subtasks, with the predictor alone. */
    private static Side loop(int chunk) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(SUBTASKS);
        try (ModelArchive archive = ModelArchive.open(Risk.ARCHIVE);
                Predictor<float[], float[]> risk = Predictor.builder(archive, TensorHandler.ofFloats(Event.COLUMNS))
                        .batching(Batching.upTo(64))
                        .open()) {
            List<Callable<Void>> all = new ArrayList<>();
            for (int subtask = 0; subtask < SUBTASKS; subtask++) {
                int from = COUNT / SUBTASKS * subtask;
                all.add(() -> loop(risk, from, from + COUNT / SUBTASKS, chunk));
            }
            for (Future<Void> one : threads.invokeAll(all)) {
                one.get();
            }
            return side();
        } finally {
            threads.shutdown();
        }
    }

    private static Void loop(Predictor<float[], float[]> risk, int from, int to, int chunk) {
        List<float[]> rows = new ArrayList<>();
        for (int id = from; id < to; id++) {
            rows.add(Event.of(id).features());
            if (rows.size() == chunk || id == to - 1) {
                for (Outcome<float[]> outcome : risk.predictEach(rows)) {
                    seen(outcome.answer());
                }
                rows.clear();
            }
        }
        return null;
    }

    @Test
    void sides_inTurns() throws Exception {
        Map<String, Callable<Side>> ways = new LinkedHashMap<>();
        TypeInformation<Score> score = Risk.SCORE;
        ways.put(
                "a job without a model",
                () -> job(events -> events.map(event -> new Score(event.id(), event.features()[0], ""))
                        .returns(score)));
        ways.put(
                "an asynchronous function without a model, unordered",
                () -> job(events -> AsyncDataStream.unorderedWait(events, new AtOnce(), 0, TimeUnit.MILLISECONDS, 256)
                        .returns(score)));
        ways.put("unordered, 256 in flight", () -> job(events -> scoring(256).unordered(events, score)));
        ways.put(
                "unordered, 1,024 in flight", () -> job(events -> scoring(1_024).unordered(events, score)));
        ways.put("ordered, 256 in flight", () -> job(events -> scoring(256).ordered(events, score)));
        ways.put("batched, 256 together", () -> job(events -> scoring(256).batched(events, score)));
        ways.put("a loop of predictEach, 256 together", () -> loop(256));
        Map<String, Side> best = new LinkedHashMap<>();
        for (int round = 0; round < ROUNDS; round++) {
            for (Map.Entry<String, Callable<Side>> way : ways.entrySet()) {
                Side side = way.getValue().call();
                best.merge(way.getKey(), side, (a, b) -> a.perSecond() > b.perSecond() ? a : b);
            }
        }
        best.forEach(
                (name, side) -> System.out.printf("| %s | %,.0f | %.2f |%n", name, side.perSecond(), side.cpuMicros()));
    }
}
