package dev.cresset.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cresset.tensor.DataType;
import dev.cresset.tensor.TensorSpec;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import javax.tools.ToolProvider;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Two executors that are JVMs of their own, and what happens to them. */
class ClusterTest {

    private static final int MANY = 100_000;
    private static final int ROWS = 10_000;

    private static TwoHosts cluster;
    private static SparkSession spark;
    private static List<@Nullable Float> plain;

    @BeforeAll
    static void start() throws IOException {
        plain = new ArrayList<>(RiskRows.plainScores(MANY));
        cluster = TwoHosts.start();
        spark = Sessions.quiet(Sessions.on(cluster)
                .config("spark.files", Sessions.RISK)
                .config("spark.speculation", true)
                .config("spark.speculation.interval", "100ms")
                .config("spark.speculation.quantile", 0.5)
                .config("spark.speculation.minTaskRuntime", "1s")
                .getOrCreate());
    }

    @AfterAll
    static void stop() {
        spark.stop();
        cluster.close();
    }

    private static ModelFunction score(Dataset<Row> rows, ModelSource source) {
        return ModelFunction.builder(source)
                .inputCols("features")
                .input("features", TensorSpec.of(DataType.FLOAT32, 30))
                .outputCol("risk")
                .build(rows.schema());
    }

    private static void assertScored(Dataset<Row> scored, int rows) {
        List<Row> found = scored.select("id", "risk").orderBy("id").collectAsList();
        assertThat(found).hasSize(rows); // none is lost, none is doubled
        List<Float> scores = new ArrayList<>(rows);
        for (int i = 0; i < found.size(); i++) {
            assertThat(found.get(i).getLong(0)).isEqualTo(i);
            scores.add(found.get(i).getFloat(1));
        }
        RiskRows.assertEqual(scores, plain.subList(0, rows));
    }

    @Test
    void rows_ofTwoExecutors_equalThePlainPredictorOneByOne() {
        Dataset<Row> rows = RiskRows.of(spark, MANY, 8);
        assertScored(score(rows, ModelSource.broadcast(spark, Sessions.RISK)).apply(rows), MANY);
    }

    @Test
    void predictor_isOneForEachExecutor() {
        Dataset<Row> rows = RiskRows.of(spark, 1_000, 8);
        ModelSource source = ModelSource.broadcast(spark, Sessions.RISK);
        String model = source.sha256();
        String handler = Digest.of(new RiskHandler());
        for (int i = 0; i < 2; i++) {
            ModelFunction score =
                    ModelFunction.builder(source).handler(new RiskHandler()).build(rows.schema());
            List<Integer> open = score.apply(rows)
                    .mapPartitions(
                            (MapPartitionsFunction<Row, Integer>) all -> {
                                all.forEachRemaining(row -> {});
                                return List.of((int) ModelOpening.PREDICTORS.keys().stream()
                                                .filter(key -> key.containsAll(List.of(model, handler)))
                                                .count())
                                        .iterator();
                            },
                            Encoders.INT())
                    .collectAsList();
            assertThat(open).hasSize(8).containsOnly(1);
        }
    }

    @Test
    void sparkFile_thatTheSessionBeganWith_reachesTheExecutors() {
        Dataset<Row> rows = RiskRows.of(spark, ROWS, 4);
        assertScored(score(rows, ModelSource.sparkFile("risk.mar")).apply(rows), ROWS);
    }

    @Test
    void sparkFile_thatIsNotThere_saysHowItWouldBe() {
        assertThatThrownBy(() -> ModelSource.sparkFile("other.mar"))
                .hasMessageContaining("other.mar")
                .hasMessageContaining("spark.files");
    }

    @ParameterizedTest
    @EnumSource
    void trouble_halfWay_losesAndDoublesNoRow(Trouble trouble) {
        Dataset<Row> rows = RiskRows.of(spark, ROWS, 4);
        Dataset<Row> troubled = rows.mapPartitions(trouble, Encoders.row(rows.schema()));
        assertScored(score(rows, ModelSource.path(Sessions.RISK)).apply(troubled), ROWS);
    }

    @Test
    void file_thatIsAnotherOneWhenTasksRun_failsTheJobWithTheReason(@TempDir Path folder) throws Exception {
        Path model = Files.copy(Path.of(Sessions.RISK), folder.resolve("changing.mar"));
        Dataset<Row> rows = RiskRows.of(spark, 10, 2);
        ModelFunction score = ModelFunction.builder(ModelSource.path(model.toString()))
                .inputCols("features")
                .input("features", TensorSpec.of(DataType.FLOAT32, 30))
                .batchSize(11) // nobody has opened it yet
                .build(rows.schema());
        Files.copy(
                Sessions.FIXTURES.resolve("digits/three.mar"),
                model,
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        Dataset<Row> scored = score.apply(rows);
        assertThatThrownBy(scored::collectAsList)
                .hasStackTraceContaining("changing.mar is not the file that the driver saw");
    }

    /** Each session's classes come in a loader of their own, in each executor. */
    @Test
    void job_submittedTwiceWithItsOwnClasses_isScoredTwice(@TempDir Path folder) throws Exception {
        Path jar = userJar(folder);
        for (int i = 0; i < 2; i++) {
            SparkSession session = spark.newSession();
            session.addArtifact(jar.toString());
            SparkSession.setActiveSession(session);
            try (URLClassLoader classes = new URLClassLoader(
                    new URL[] {jar.toUri().toURL()}, getClass().getClassLoader())) {
                RowHandler<?, ?> handler = (RowHandler<?, ?>)
                        classes.loadClass("job.Score").getConstructor().newInstance();
                Dataset<Row> rows = RiskRows.of(session, ROWS, 4);
                ModelFunction score = ModelFunction.builder(ModelSource.broadcast(session, Sessions.RISK))
                        .handler(handler)
                        .outputCol("risk")
                        .build(rows.schema());
                assertScored(score.apply(rows), ROWS);
            } finally {
                SparkSession.setActiveSession(spark);
            }
        }
    }

    private static Path userJar(Path folder) throws IOException {
        String text = Files.readString(Path.of("src/test/java/dev/cresset/spark/RiskHandler.java"))
                .replace("package dev.cresset.spark;", "package job;\nimport dev.cresset.spark.RowHandler;")
                .replace("RiskHandler", "Score")
                .replace("struct<score:float,malignant:boolean>", "float")
                .replace("RowFactory.create(answer, answer > 0.5f)", "answer");
        Path source = Files.writeString(folder.resolve("Score.java"), text);
        int failures = ToolProvider.getSystemJavaCompiler()
                .run(
                        null,
                        null,
                        null,
                        "-proc:none",
                        "-cp",
                        Sessions.classPath(),
                        "-d",
                        folder.toString(),
                        source.toString());
        assertThat(failures).isZero();
        Path jar = folder.resolve("job.jar");
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
            out.putNextEntry(new JarEntry("job/Score.class"));
            out.write(Files.readAllBytes(folder.resolve("job/Score.class")));
        }
        return jar;
    }
}
