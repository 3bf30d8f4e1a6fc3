package dev.cresset.flink;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.common.serialization.SimpleStringEncoder;
import org.apache.flink.api.common.state.CheckpointListener;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.connector.file.sink.FileSink;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.jobmaster.JobResult;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.filesystem.rollingpolicies.OnCheckpointRollingPolicy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Jobs that are killed half-way: what they have written in the end is each record, once. */
class RestartsTest {

    private static final int COUNT = 12_000;

    /** How often: what one checkpoint happens to hold, another does not. */
    private static final int TIMES = 3;

    private static final AtomicInteger KILLED = new AtomicInteger();
    private static final AtomicLong ASKED = new AtomicLong();
    private static CountDownLatch halfWay = new CountDownLatch(1);

    /** Fails a few times, each when a checkpoint is complete and more has come since; or says that it is time for others to kill. */
    private static final class Killed extends RichMapFunction<Score, String> implements CheckpointListener {
        private static final long serialVersionUID = 1L;

        private final boolean throwsItself;
        private transient long since;
        private transient boolean hasCheckpoint;

        Killed(boolean throwsItself) {
            this.throwsItself = throwsItself;
        }

        @Override
        public String map(Score score) {
            if (hasCheckpoint && ++since > 300 && KILLED.get() < TIMES) {
                KILLED.incrementAndGet();
                hasCheckpoint = false; // and so at another one the next time
                halfWay.countDown();
                if (throwsItself) {
                    throw new IllegalStateException("killed half-way");
                }
            }
            return score.id() + " " + score.score();
        }

        @Override
        public void notifyCheckpointComplete(long id) {
            hasCheckpoint = true;
        }
    }

    /** A job whose model takes its time, so that records are in flight when a checkpoint is taken. */
    private static StreamExecutionEnvironment job(Form form, Path folder, boolean throwsItself) {
        KILLED.set(0);
        ASKED.set(0);
        halfWay = new CountDownLatch(1);
        Configuration settings = new Configuration();
        settings.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
        settings.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, 20);
        settings.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofMillis(20));
        StreamExecutionEnvironment job = StreamExecutionEnvironment.getExecutionEnvironment(settings);
        job.setParallelism(2);
        job.enableCheckpointing(100);
        DataStream<Event> events = job.fromSource(
                new DataGeneratorSource<>(Event::of, COUNT, RateLimiterStrategy.perSecond(8_000), Risk.EVENT),
                WatermarkStrategy.noWatermarks(),
                "events");
        Scoring<Event, Score> scoring = Risk.scoring()
                .capacity(97) // which is no part of what comes between two checkpoints
                .maxDelay(Duration.ofSeconds(10)) // so that records are gathered, too, when a checkpoint is taken
                .predictor(builder -> builder.modelOptions(Risk.UNTUNED).completeOn(task -> {
                    ASKED.incrementAndGet();
                    LockSupport.parkNanos(20_000);
                    task.run();
                }))
                .build();
        form.apply(scoring, events, Score.class)
                .map(new Killed(throwsItself))
                .returns(Types.STRING)
                .sinkTo(FileSink.forRowFormat(
                                new org.apache.flink.core.fs.Path(folder.toUri()), new SimpleStringEncoder<String>())
                        .withRollingPolicy(OnCheckpointRollingPolicy.build())
                        .build());
        return job;
    }

    private static List<Long> written(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> !file.getFileName().toString().startsWith("."))
                    .flatMap(RestartsTest::lines)
                    .map(line -> Long.valueOf(line.substring(0, line.indexOf(' '))))
                    .sorted()
                    .toList();
        }
    }

    private static Stream<String> lines(Path file) {
        try {
            return Files.readAllLines(file).stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void assertEachOnce(JobResult result, Path folder) throws IOException {
        assertThat(result.getSerializedThrowable()).isEmpty();
        assertThat(KILLED).hasPositiveValue();
        assertThat(written(folder))
                .containsExactlyElementsOf(LongStream.range(0, COUNT).boxed().toList());
        assertThat(Definition.MODELS.keys()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void taskThatFails_scoresEachRecordOnceInTheEnd(Form form, @TempDir Path folder) throws Exception {
        assertEachOnce(Cluster.shared().run(job(form, folder, true)), folder);
        if (form != Form.BATCHED) {
            assertThat(ASKED).as("some were replayed").hasValueGreaterThan(COUNT);
        }
    }

    @Test
    void taskManagerThatIsLost_scoresEachRecordOnceInTheEnd(@TempDir Path folder) throws Exception {
        try (Cluster cluster = Cluster.start(2, 1, new Configuration())) {
            JobGraph job = cluster.submit(job(Form.UNORDERED, folder, false));
            halfWay.await();

            cluster.flink().terminateTaskManager(0).get();
            cluster.flink().startTaskManager();

            assertEachOnce(cluster.await(job), folder);
        }
    }
}
