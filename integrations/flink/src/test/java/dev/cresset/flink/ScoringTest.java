package dev.cresset.flink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.cresset.WhenFull;
import dev.cresset.handler.TensorHandler;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.runtime.jobmaster.JobResult;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Streams that are scored, in all forms. */
class ScoringTest {

    @SuppressWarnings("NullAway.Init")
    private static Cluster cluster;

    @BeforeAll
    static void startCluster() throws Exception {
        cluster = Cluster.shared();
    }

    @AfterEach
    void noModelIsLeftOpen() {
        assertThat(Definition.MODELS.keys()).isEmpty();
    }

    private static void assertSucceeded(JobResult result) {
        assertThat(result.getSerializedThrowable()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void manyRecords_equalThePlainPredictor(Form form) throws Exception {
        int count = Integer.getInteger("cresset.flink.records", 20_000);
        StreamExecutionEnvironment job = Risk.job(Cluster.SLOTS);
        Results<Score> scores = Results.of(form.apply(Risk.scoring().build(), Risk.events(job, count, 0), Score.class));

        assertSucceeded(cluster.run(job));

        List<Score> sorted = scores.list().stream()
                .sorted(Comparator.comparingLong(Score::id))
                .toList();
        assertThat(sorted).extracting(Score::id).containsExactlyElementsOf(ids(count));
        float[] expected = Risk.expected(count);
        for (Score score : sorted) {
            assertThat(score.score()).isCloseTo(expected[(int) score.id()], within(1e-6f));
        }
        assertThat(sorted).extracting(Score::version).containsOnly("1.0");
    }

    private static List<Long> ids(int count) {
        return LongStream.range(0, count).boxed().toList();
    }

    @ParameterizedTest
    @EnumSource(names = {"ORDERED", "BATCHED"})
    void records_keepTheirOrder(Form form) throws Exception {
        StreamExecutionEnvironment job = Risk.job(1);
        Results<Score> scores =
                Results.of(form.apply(Risk.scoring().build(), Risk.events(job, 10_000, 0), Score.class));

        assertSucceeded(cluster.run(job));

        assertThat(scores.list()).extracting(Score::id).containsExactlyElementsOf(ids(10_000));
    }

    @ParameterizedTest
    @EnumSource
    void badRecord_failsTheJobUnlessSaidOtherwise(Form form) throws Exception {
        StreamExecutionEnvironment job = Risk.job(1);
        Results.of(form.apply(Risk.scoring().build(), Risk.events(job, 10, 7), Score.class));

        JobResult result = cluster.run(job);

        assertThat(result.getSerializedThrowable().orElseThrow().getFullStringifiedStackTrace())
                .contains("InvalidInputException: the row has 29 numbers, the model takes 30");
    }

    @ParameterizedTest
    @EnumSource
    void badRecord_dropped_isLeftOut(Form form) throws Exception {
        StreamExecutionEnvironment job = Risk.job(2);
        Scoring<Event, Score> scoring =
                Risk.scoring().onFailure(OnFailure.drop()).build();
        Results<Score> scores = Results.of(form.apply(scoring, Risk.events(job, 1_000, 10), Score.class));

        assertSucceeded(cluster.run(job));

        assertThat(scores.list()).hasSize(900).noneMatch(score -> score.id() % 10 == 0);
    }

    @ParameterizedTest
    @EnumSource
    void badRecord_toTheSideOutput_comesWithItsReason(Form form) throws Exception {
        StreamExecutionEnvironment job = Risk.job(2);
        OutputTag<FailedRecord<Event>> tag = FailedRecord.tag("failed", Event.class);
        Scoring<Event, Score> scoring =
                Risk.scoring().onFailure(OnFailure.sideOutput(tag)).build();
        SingleOutputStreamOperator<Score> scored = form.apply(scoring, Risk.events(job, 1_000, 10), Score.class);
        Results<Score> scores = Results.of(scored);
        Results<FailedRecord<Event>> failed =
                Results.of(scored.getSideOutput(tag).rebalance());

        assertSucceeded(cluster.run(job));

        assertThat(scores.list()).hasSize(900);
        assertThat(failed.list()).hasSize(100).allSatisfy(record -> {
            assertThat(record.record().id() % 10).isZero();
            assertThat(record.exception()).isEqualTo("InvalidInputException");
            assertThat(record.message()).isEqualTo("the row has 29 numbers, the model takes 30");
        });
    }

    @ParameterizedTest
    @EnumSource
    void badRecord_withAResultOfItsOwn_staysInTheStream(Form form) throws Exception {
        StreamExecutionEnvironment job = Risk.job(2);
        Scoring<Event, Score> scoring = Risk.scoring()
                .onFailure(OnFailure.result((event, why) -> new Score(event.id(), Float.NaN, "none")))
                .build();
        Results<Score> scores = Results.of(form.apply(scoring, Risk.events(job, 1_000, 10), Score.class));

        assertSucceeded(cluster.run(job));

        assertThat(scores.list()).hasSize(1_000);
        assertThat(scores.list())
                .filteredOn(score -> Float.isNaN(score.score()))
                .hasSize(100);
    }

    /** What the user's own functions throw is the record's failure, too. */
    @ParameterizedTest
    @EnumSource
    void functionsOfTheUsers_thatThrow_failTheirRecordAlone(Form form) throws Exception {
        StreamExecutionEnvironment job = Risk.job(2);
        Scoring<Event, Score> scoring = Scoring.builder(
                        ModelLocation.at(Risk.ARCHIVE.toString()), () -> TensorHandler.ofFloats(Event.COLUMNS))
                .records(
                        (Event event) -> {
                            if (event.id() % 10 == 3) {
                                throw new IOException("unreadable");
                            }
                            return event.features();
                        },
                        (event, risk) -> {
                            if (event.id() % 10 == 5) {
                                throw new IOException("unspeakable");
                            }
                            return new Score(event.id(), risk[0], "");
                        })
                .predictor(builder -> builder.modelOptions(Risk.UNTUNED))
                .onFailure(OnFailure.result(
                        (event, why) -> new Score(event.id(), Float.NaN, String.valueOf(why.getMessage()))))
                .build();
        Results<Score> scores = Results.of(form.apply(scoring, Risk.events(job, 1_000, 0), Score.class));

        assertSucceeded(cluster.run(job));

        assertThat(scores.list()).hasSize(1_000);
        assertThat(scores.list())
                .filteredOn(score -> score.id() % 10 == 3)
                .hasSize(100)
                .extracting(Score::version)
                .containsOnly("the record cannot be made a request: java.io.IOException: unreadable");
        assertThat(scores.list())
                .filteredOn(score -> score.id() % 10 == 5)
                .extracting(Score::version)
                .containsOnly("the answer cannot be made a result: java.io.IOException: unspeakable");
    }

    @ParameterizedTest
    @EnumSource
    void boundedStream_inBatchMode_isScored(Form form) throws Exception {
        StreamExecutionEnvironment job = Risk.job(2);
        job.setRuntimeMode(RuntimeExecutionMode.BATCH);
        Results<Score> scores = Results.of(form.apply(Risk.scoring().build(), Risk.events(job, 1_000, 0), Score.class));

        assertSucceeded(cluster.run(job));

        assertThat(scores.list()).extracting(Score::id).containsExactlyInAnyOrderElementsOf(ids(1_000));
    }

    /** Writes each row over the one before. */
    private static final class OneArray implements MapFunction<Long, float[]> {
        private static final long serialVersionUID = 1L;

        private final float[] only = new float[Event.COLUMNS];

        @Override
        public float[] map(Long id) {
            System.arraycopy(Event.of(id).features(), 0, only, 0, Event.COLUMNS);
            return only;
        }
    }

    @ParameterizedTest
    @EnumSource
    void recordsThatAreReused_areScoredAsTheyWere(Form form) throws Exception {
        StreamExecutionEnvironment job = Risk.job(1);
        job.getConfig().enableObjectReuse();
        Scoring<float[], float[]> scoring = Scoring.builder(
                        ModelLocation.at(Risk.ARCHIVE.toString()), () -> TensorHandler.ofFloats(Event.COLUMNS))
                .predictor(builder -> builder.modelOptions(Risk.UNTUNED))
                .build();
        Results<float[]> answers =
                Results.of(form.apply(scoring, job.fromSequence(0, 499).map(new OneArray()), float[].class));

        assertSucceeded(cluster.run(job));

        List<Float> found =
                answers.list().stream().map(answer -> answer[0]).sorted().toList();
        List<Float> expected = new ArrayList<>();
        for (float risk : Risk.expected(500)) {
            expected.add(risk);
        }
        expected.sort(null);
        assertThat(found).hasSize(500);
        for (int i = 0; i < 500; i++) {
            assertThat(found.get(i)).isCloseTo(expected.get(i), within(1e-6f));
        }
    }

    /** Says the time that a record has. */
    private static final class Timed extends ProcessFunction<Score, Long> {
        private static final long serialVersionUID = 1L;

        @Override
        public void processElement(Score score, Context context, Collector<Long> out) {
            out.collect(context.timestamp() - score.id());
        }
    }

    @ParameterizedTest
    @EnumSource
    void timestamps_stayWithTheirRecords(Form form) throws Exception {
        StreamExecutionEnvironment job = Risk.job(2);
        DataStream<Event> events = Risk.events(job, 1_000, 0)
                .assignTimestampsAndWatermarks(WatermarkStrategy.<Event>forMonotonousTimestamps()
                        .withTimestampAssigner((event, before) -> event.id() + 7));
        Results<Long> late = Results.of(
                form.apply(Risk.scoring().build(), events, Score.class).process(new Timed()));

        assertSucceeded(cluster.run(job));

        assertThat(late.list()).hasSize(1_000).containsOnly(7L);
    }

    private static final AtomicInteger OPENED = new AtomicInteger();

    @ParameterizedTest
    @EnumSource
    void subtasks_shareOnePredictor(Form form) throws Exception {
        OPENED.set(0);
        StreamExecutionEnvironment job = Risk.job(Cluster.SLOTS);
        Scoring<Event, Score> scoring = Risk.scoring()
                .predictor(builder -> {
                    OPENED.incrementAndGet();
                    return builder.modelOptions(Risk.UNTUNED);
                })
                .build();
        Results<Score> scores = Results.of(form.apply(scoring, Risk.events(job, 1_000, 0), Score.class));

        assertSucceeded(cluster.run(job));

        assertThat(scores.list()).hasSize(1_000);
        assertThat(OPENED).hasValue(1);
    }

    /** However many are asked at once, and however few may wait: nothing is refused. */
    @Test
    void inFlight_moreThanThePredictorTakes_waitAndAreNotRefused() throws Exception {
        StreamExecutionEnvironment job = Risk.job(Cluster.SLOTS);
        Scoring<Event, Score> scoring = Risk.scoring()
                .capacity(1_000)
                .predictor(builder -> builder.modelOptions(Risk.UNTUNED).queue(3, WhenFull.BLOCK))
                .build();
        Results<Score> scores = Results.of(scoring.unordered(Risk.events(job, 20_000, 0), Score.class));

        assertSucceeded(cluster.run(job));

        assertThat(scores.list()).hasSize(20_000);
    }

    @Test
    void function_withFailuresToASideOutput_isRefused() {
        Scoring<Event, Score> scoring = Risk.scoring()
                .name("risk")
                .onFailure(OnFailure.sideOutput(FailedRecord.tag("failed", Event.class)))
                .build();

        assertThatThrownBy(() -> scoring.function(Risk.SCORE))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("an asynchronous function has no side outputs, and failed records of risk go to one;"
                        + " take Scoring.unordered or ordered, or another OnFailure");
    }

    @Test
    void settings_thatMakeNoSense_areRefused() {
        assertThatThrownBy(() -> Risk.scoring().capacity(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("capacity is 0, it must be at least 1");
        assertThatThrownBy(() -> Risk.scoring().timeout(Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("it must be more than zero");
        assertThatThrownBy(() ->
                        Risk.scoring().onFailure(OnFailure.drop()).records(Event::features, (event, risk) -> risk))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("call records or predictions before it");
    }
}
