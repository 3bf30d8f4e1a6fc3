package dev.cresset.flink;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.Batching;
import dev.cresset.Handler;
import dev.cresset.tensor.DataType;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.streaming.api.datastream.AsyncDataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Records that take too long. */
class TimeoutsTest {

    private static CountDownLatch stuck = new CountDownLatch(1);

    @BeforeEach
    void stick() {
        stuck = new CountDownLatch(1);
    }

    /** A handler whose answer to key 7 does not come before it is let go. */
    private static Handler<Event, Float> handler() {
        return (event, inputs) -> {
            inputs.tensor(DataType.FLOAT32, Event.COLUMNS).copyFrom(event.features());
            return output -> {
                if (event.id() == 7) {
                    stuck.await();
                }
                return output.asTensor().toFloatArray()[0];
            };
        };
    }

    private static Scoring.Builder<Event, Float, Event, Score> scoring(String name, long lets) {
        return Scoring.builder(ModelLocation.at(Risk.ARCHIVE.toString()), () -> handler())
                .records((Event event) -> event, (event, risk) -> new Score(event.id(), risk, ""))
                .name(name)
                .predictor(builder -> builder.modelOptions(Risk.UNTUNED))
                .onFailure(OnFailure.result((event, why) -> {
                    if (event.id() == lets) {
                        stuck.countDown();
                    }
                    return new Score(event.id(), Float.NaN, why.getClass().getSimpleName() + ": " + why.getMessage());
                }));
    }

    @Test
    void record_beyondItsTimeout_failsAlone() throws Exception {
        StreamExecutionEnvironment job = Risk.job(1);
        Results<Score> scores = Results.of(scoring("late", 7)
                .timeout(Duration.ofMillis(300))
                .build()
                .unordered(Risk.events(job, 20, 0), Score.class));

        assertThat(Cluster.shared().run(job).getSerializedThrowable()).isEmpty();

        assertThat(scores.list()).hasSize(20);
        assertThat(scores.list())
                .filteredOn(score -> score.id() == 7)
                .extracting(Score::version)
                .allMatch(version -> version.startsWith("DeadlineExceededException: "));
        assertThat(SeenMetrics.of("late", "model.risk.timedOut")).isEqualTo(1L);
    }

    /** With Flink's own timeout, and none of ours: what waits behind the one that is stuck never runs. */
    @Test
    void record_thatFlinkGivesUp_isCancelled() throws Exception {
        StreamExecutionEnvironment job = Risk.job(1);
        Scoring<Event, Score> scoring = scoring("given up", 19)
                .predictor(builder -> builder.modelOptions(Risk.UNTUNED)
                        .workers(1)
                        .batching(Batching.none())
                        .completeOn(Runnable::run))
                .build();
        Results<Score> scores = Results.of(AsyncDataStream.unorderedWait(
                        Risk.events(job, 20, 0), scoring.function(Risk.SCORE), 300, TimeUnit.MILLISECONDS, 100)
                .name("given up"));

        assertThat(Cluster.shared().run(job).getSerializedThrowable()).isEmpty();

        assertThat(scores.list()).hasSize(20);
        assertThat(scores.list())
                .filteredOn(score -> score.id() >= 7)
                .extracting(Score::version)
                .containsOnly("DeadlineExceededException: the record was not scored by risk in time");
        assertThat(SeenMetrics.of("given up", "model.risk.timedOut")).isEqualTo(13L);
        assertThat((Long) SeenMetrics.of("given up", "model.risk.predictor.cancelled"))
                .isGreaterThanOrEqualTo(12L);
    }

    /** A task that is cancelled does not wait for what is in flight. */
    @Test
    void job_cancelledWithRecordsInFlight_endsAndFreesTheModel() throws Exception {
        StreamExecutionEnvironment job = Risk.job(2);
        Results<Score> scores =
                Results.of(scoring("cancelled", 7).build().unordered(Risk.events(job, 1_000_000_000, 0), Score.class));
        JobGraph graph = Cluster.shared().submit(job);
        scores.await(score -> score.id() > 100);

        Cluster.shared().cancel(graph);
        stuck.countDown();

        assertThat(Cluster.shared().await(graph).getJobStatus()).contains(JobStatus.CANCELED);
        assertThat(Definition.MODELS.keys()).isEmpty();
    }
}
