package dev.cresset.flink;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.handler.TensorHandler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * What a task manager needs beside its heap for the risk model, in the figures of docs/flink.md: {@code -Dcresset.flink.memory=4096},
 * how many records may be in flight, runs it.
 */
@EnabledIfSystemProperty(named = "cresset.flink.memory", matches = "\\d+")
class MemoryTest {

    /** What is this process's alone, in MiB: its heap is at its full size from the start, so what grows is beside it. */
    private static long anonymousMebibytes() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                        .filter(line -> line.startsWith("RssAnon:"))
                        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                        .sum()
                / 1_024;
    }

    private static String counted() throws IOException {
        return anonymousMebibytes() + " MiB";
    }

    @Test
    void scoring_besideAJobWithoutAModel() throws Exception {
        StreamExecutionEnvironment plain = Risk.job(2);
        Results.of(Risk.events(plain, 50_000, 0).map(Event::id).returns(Long.class));
        assertThat(Cluster.shared().run(plain).getSerializedThrowable()).isEmpty();
        System.out.println("after a job without a model: " + counted());

        for (int inFlight : new int[] {256, Integer.getInteger("cresset.flink.memory", 256)}) {
            StreamExecutionEnvironment job = Risk.job(2);
            Scoring<Event, Score> scoring = Scoring.builder(
                            ModelLocation.at(Risk.ARCHIVE.toString()), () -> TensorHandler.ofFloats(Event.COLUMNS))
                    .records(Event::features, (Event event, float[] risk) -> new Score(event.id(), risk[0], ""))
                    .capacity(inFlight)
                    .build();
            Results<Score> scores = Results.of(scoring.unordered(Risk.events(job, 1_000_000_000, 0), Score.class));
            JobGraph running = Cluster.shared().submit(job);
            scores.await(score -> score.id() % 500_000_000 > 100_000);
            System.out.println("while it scores, " + inFlight + " in flight: " + counted());
            Cluster.shared().cancel(running);
            Cluster.shared().await(running);
        }
        System.out.println("after that: " + counted());
    }
}
