package dev.cresset.flink;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.handler.TensorHandler;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The ways in which a model reaches task managers. */
class LocationsTest {

    private static void assertScores(StreamExecutionEnvironment job, ModelLocation model, String version)
            throws Exception {
        Results<Score> scores =
                Results.of(Risk.scoring(model).build().unordered(Risk.events(job, 100, 0), Score.class));

        assertThat(Cluster.shared().run(job).getSerializedThrowable()).isEmpty();

        assertThat(scores.list()).hasSize(100).extracting(Score::version).containsOnly(version);
        assertThat(Definition.MODELS.keys()).isEmpty();
    }

    private static String failure(StreamExecutionEnvironment job) throws Exception {
        return Cluster.shared().run(job).getSerializedThrowable().orElseThrow().getFullStringifiedStackTrace();
    }

    @Test
    void path_isReadWhereItLies() throws Exception {
        assertScores(Risk.job(2), ModelLocation.at(Risk.ARCHIVE.toString()), "1.0");
    }

    @Test
    void uriOfAFile_isReadWhereItLies() throws Exception {
        assertScores(Risk.job(2), ModelLocation.at(Risk.ARCHIVE.toUri().toString()), "1.0");
    }

    @Test
    void bareModel_isToldByItsName() throws Exception {
        assertScores(Risk.job(2), ModelLocation.at(Risk.FILE.toString()), "");
    }

    @Test
    void cachedFile_isBroughtByFlink() throws Exception {
        StreamExecutionEnvironment job = Risk.job(2);
        job.registerCachedFile(Risk.ARCHIVE.toString(), "risk.mar");
        assertScores(job, ModelLocation.cached("risk.mar"), "1.0");
    }

    @Test
    void cachedBareModel_isToldByItsName() throws Exception {
        StreamExecutionEnvironment job = Risk.job(2);
        job.registerCachedFile(Risk.FILE.toString(), "risk.pt");
        assertScores(job, ModelLocation.cached("risk.pt"), "");
    }

    @Test
    void embeddedFile_comesWithTheJob_andLeavesNothing(@TempDir Path folder) throws Exception {
        Path copy = Files.copy(Risk.ARCHIVE, folder.resolve("mine.mar"));
        ModelLocation model = ModelLocation.embedded(copy);
        Files.delete(copy);

        assertScores(Risk.job(2), model, "1.0");

        try (Stream<Path> left = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            assertThat(left.filter(path -> Files.exists(path.resolve("mine.mar"))))
                    .isEmpty();
        }
    }

    /** Read by the archive's own handler: bytes in, JSON out. */
    @Test
    void archive_withItsOwnHandler_answersAsTorchServeWould() throws Exception {
        StreamExecutionEnvironment job = Risk.job(1);
        String row = "[" + "0.5,".repeat(29) + "0.5]";
        Scoring<byte[], String> scoring = Scoring.builder(ModelLocation.at(Risk.ARCHIVE.toString()))
                .predictor(builder -> builder.modelOptions(Risk.UNTUNED))
                .build();
        Results<String> answers =
                Results.of(scoring.ordered(job.fromData(row.getBytes(StandardCharsets.UTF_8)), String.class));

        assertThat(Cluster.shared().run(job).getSerializedThrowable()).isEmpty();

        assertThat(answers.list()).hasSize(1);
        assertThat(Float.parseFloat(answers.list().get(0))).isBetween(0f, 1f);
    }

    @Test
    void missingFile_failsTheJobWithTheReason() throws Exception {
        StreamExecutionEnvironment job = Risk.job(2);
        Results.of(Risk.scoring(ModelLocation.at("/nowhere/risk.mar"))
                .build()
                .unordered(Risk.events(job, 100, 0), Score.class));

        assertThat(failure(job))
                .contains("/nowhere/risk.mar: no such file on this task manager; every task manager has to find the"
                        + " model there, or take ModelLocation.cached or .embedded");
    }

    @Test
    void unregisteredFile_failsTheJobWithTheReason() throws Exception {
        StreamExecutionEnvironment job = Risk.job(2);
        Results.of(Risk.scoring(ModelLocation.cached("risk.mar"))
                .build()
                .unordered(Risk.events(job, 100, 0), Score.class));

        assertThat(failure(job)).contains("no file is registered as 'risk.mar'; call env.registerCachedFile");
    }

    @Test
    void damagedArchive_failsTheJobWithTheReason(@TempDir Path folder) throws Exception {
        Path damaged = Files.writeString(folder.resolve("risk.mar"), "no archive");
        StreamExecutionEnvironment job = Risk.job(2);
        Results.of(Risk.scoring(ModelLocation.at(damaged.toString()))
                .build()
                .unordered(Risk.events(job, 100, 0), Score.class));

        assertThat(failure(job)).contains("ArchiveException").contains("risk.mar");
    }

    @Test
    void bareModel_withoutAHandler_isRefused() throws Exception {
        StreamExecutionEnvironment job = Risk.job(1);
        Results.of(Scoring.builder(ModelLocation.at(Risk.FILE.toString()))
                .build()
                .unordered(job.fromData(new byte[] {1}), String.class));

        assertThat(failure(job)).contains("risk.pt is no archive, so it names no handler");
    }

    @Test
    void handler_ofTheArchive_isMadeOfIt() throws Exception {
        StreamExecutionEnvironment job = Risk.job(1);
        Scoring<float[], float[]> scoring = Scoring.builder(
                        ModelLocation.at(Risk.ARCHIVE.toString()),
                        archive -> TensorHandler.ofFloats(
                                archive.read("feature_names.json").length > 0 ? Event.COLUMNS : 1))
                .predictor(builder -> builder.modelOptions(Risk.UNTUNED))
                .build();
        Results<float[]> answers =
                Results.of(scoring.batched(job.fromData(Event.of(1).features()), float[].class));

        assertThat(Cluster.shared().run(job).getSerializedThrowable()).isEmpty();
        assertThat(answers.list()).hasSize(1);
    }
}
