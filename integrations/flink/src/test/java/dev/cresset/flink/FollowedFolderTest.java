package dev.cresset.flink;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.mar.ModelArchiveWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.stream.LongStream;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Models that are exchanged while a job runs. */
class FollowedFolderTest {

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path elsewhere;

    private void put(String version) throws IOException {
        Path archive = ModelArchiveWriter.builder("risk", version, "base_handler")
                .serializedFile(Risk.FILE)
                .build()
                .write(elsewhere);
        Files.move(archive, folder.resolve("risk-" + version + ".mar"), StandardCopyOption.ATOMIC_MOVE);
    }

    private static DataStream<Event> endless(StreamExecutionEnvironment job) {
        return job.fromSource(
                new DataGeneratorSource<>(Event::of, Long.MAX_VALUE, RateLimiterStrategy.perSecond(2_000), Risk.EVENT),
                WatermarkStrategy.noWatermarks(),
                "events");
    }

    private Scoring<Event, Score> scoring(String name) {
        return Risk.scoring(ModelLocation.folder(folder.toString(), "risk", Duration.ofMillis(50)))
                .name(name)
                .build();
    }

    @ParameterizedTest
    @EnumSource(names = {"ORDERED", "BATCHED"})
    void newArchive_takesOverWithoutARestartAndWithoutALoss(Form form) throws Exception {
        put("1.0");
        StreamExecutionEnvironment job = Risk.job(1);
        Results<Score> scores = Results.of(form.apply(scoring("followed " + form), endless(job), Score.class));
        JobGraph running = Cluster.shared().submit(job);

        scores.await(score -> score.version().equals("1.0"));
        put("2.0");
        scores.await(score -> score.version().equals("2.0"));
        Files.writeString(folder.resolve("risk-3.0.mar"), "no archive");
        scores.await(
                score -> Long.valueOf(1).equals(SeenMetrics.of("followed " + form, "model.risk.failedModelUpdates")));
        long then = scores.list().size();
        scores.await(score -> score.id() > then + 100);
        Object updates = SeenMetrics.of("followed " + form, "model.risk.modelUpdates");
        Cluster.shared().cancel(running);
        Cluster.shared().await(running);

        List<Score> all = scores.list();
        assertThat(all)
                .as("one attempt, in which none is missing or twice")
                .extracting(Score::id)
                .containsExactlyElementsOf(
                        LongStream.range(0, all.size()).boxed().toList());
        assertThat(all).extracting(Score::version).isSorted().contains("1.0", "2.0");
        assertThat(updates).isEqualTo(1L);
    }

    @Test
    void folderWithoutTheModel_failsTheJobWithTheReason() throws Exception {
        Files.writeString(folder.resolve("risk.mar"), "no archive");
        StreamExecutionEnvironment job = Risk.job(1);
        Results.of(scoring("empty").unordered(Risk.events(job, 10, 0), Score.class));

        assertThat(Cluster.shared()
                        .run(job)
                        .getSerializedThrowable()
                        .orElseThrow()
                        .getFullStringifiedStackTrace())
                .contains("no archive of a model 'risk' in " + folder + " could be opened");
    }
}
