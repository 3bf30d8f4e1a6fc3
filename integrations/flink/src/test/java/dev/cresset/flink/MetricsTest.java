package dev.cresset.flink;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What Flink's reporters are told. */
class MetricsTest {

    @ParameterizedTest
    @EnumSource
    void scoredStream_countsWhatItDid(Form form) throws Exception {
        StreamExecutionEnvironment job = Risk.job(1);
        String name = "counted " + form;
        Scoring<Event, Score> scoring =
                Risk.scoring().name(name).onFailure(OnFailure.drop()).build();
        Results.of(form.apply(scoring, Risk.events(job, 1_000, 10), Score.class));

        assertThat(Cluster.shared().run(job).getSerializedThrowable()).isEmpty();

        assertThat(SeenMetrics.of(name, "model.risk.scored")).isEqualTo(900L);
        assertThat(SeenMetrics.of(name, "model.risk.failed")).isEqualTo(100L);
        assertThat(SeenMetrics.of(name, "model.risk.timedOut")).isEqualTo(0L);
        assertThat(SeenMetrics.of(name, "model.risk.inFlight")).isEqualTo(0);
        assertThat(SeenMetrics.of(name, "model.risk.modelUpdates")).isEqualTo(0L);
        assertThat(SeenMetrics.of(name, "model.risk.predictor.rows")).isEqualTo(900L);
        assertThat(SeenMetrics.of(name, "model.risk.predictor.failures")).isEqualTo(100L);
        assertThat((Long) SeenMetrics.of(name, "model.risk.predictor.batches")).isBetween(1L, 900L);
        for (String shared : List.of("totalP50Micros", "queueP99Micros", "nativeP99Micros", "waiting", "nativeBytes")) {
            assertThat(SeenMetrics.of(name, "model.risk.predictor." + shared))
                    .as(shared)
                    .isNotNull();
        }
    }
}
