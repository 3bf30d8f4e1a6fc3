package dev.cresset.spark;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cresset.tensor.DataType;
import dev.cresset.tensor.TensorSpec;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.apache.spark.sql.streaming.Trigger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The function for mapPartitions in a session of this JVM. */
class ModelFunctionTest {

    private static SparkSession spark;

    @BeforeAll
    static void start() {
        spark = Sessions.local();
    }

    @AfterAll
    static void stop() {
        spark.stop();
    }

    private static ModelFunction.Builder risk() {
        return ModelFunction.builder(ModelSource.broadcast(spark, Sessions.RISK))
                .inputCols("features")
                .input("features", TensorSpec.of(DataType.FLOAT32, 30))
                .outputCol("risk");
    }

    private static List<Float> scores(Dataset<Row> scored) {
        return scored.orderBy("id").select("risk").collectAsList().stream()
                .map(row -> row.getFloat(0))
                .toList();
    }

    @Test
    void mapPartitions_ofADataset_addsAColumn() throws Exception {
        Dataset<Row> rows = RiskRows.of(spark, 500, 2);
        ModelFunction score = risk().build(rows.schema());
        RiskRows.assertEqual(scores(rows.mapPartitions(score, score.encoder())), RiskRows.plainScores(500));
    }

    @Test
    void mapPartitions_ofAnRdd_addsAValue() throws Exception {
        Dataset<Row> rows = RiskRows.of(spark, 500, 2);
        ModelFunction score = risk().build(rows.schema());
        JavaRDD<Row> scored = rows.javaRDD().mapPartitions(score);
        RiskRows.assertEqual(scored.map(row -> row.getFloat(2)).collect(), RiskRows.plainScores(500));
    }

    @Test
    void progress_isCountedOnceForAllTasks() {
        Dataset<Row> rows = RiskRows.of(spark, 1_000, 4)
                .withColumn("features", when(col("id").equalTo(9), lit(null)).otherwise(col("features")));
        ModelFunction score =
                risk().handleInvalid(HandleInvalid.KEEP).batchSize(50).build(rows.schema());

        score.apply(rows).collectAsList();

        assertThat(score.progress().rows()).isEqualTo(999);
        assertThat(score.progress().failures()).isEqualTo(1);
        assertThat(score.progress().batches()).isBetween(20L, 40L);
    }

    @Test
    void handlerOfOnesOwn_makesAStruct() throws Exception {
        Dataset<Row> rows = RiskRows.of(spark, 100, 2);
        ModelFunction score = ModelFunction.builder(ModelSource.path(Sessions.RISK))
                .handler(new RiskHandler())
                .outputCol("verdict")
                .build(rows.schema());
        Dataset<Row> scored = score.apply(rows);
        RiskRows.assertEqual(scores(scored.withColumn("risk", col("verdict.score"))), RiskRows.plainScores(100));
        assertThat(scored.where("verdict.malignant <> (verdict.score > 0.5)").count())
                .isZero();
    }

    @Test
    void handlerOfOnesOwn_refusesARowInItsOwnWords() {
        Dataset<Row> rows = RiskRows.of(spark, 3, 1)
                .withColumn("features", when(col("id").equalTo(1), lit(null)).otherwise(col("features")));
        ModelFunction score = ModelFunction.builder(ModelSource.path(Sessions.RISK))
                .handler(new RiskHandler())
                .handleInvalid(HandleInvalid.KEEP)
                .errorCol("error")
                .build(rows.schema());
        assertThat(score.apply(rows).select("error").collectAsList())
                .extracting(row -> row.getString(0))
                .containsExactly(null, "nothing was measured", null);
    }

    @Test
    void bareModel_isScoredAsItsArchive() throws Exception {
        Dataset<Row> rows = RiskRows.of(spark, 100, 1);
        ModelFunction score = ModelFunction.builder(ModelSource.path(
                        Sessions.FIXTURES.resolve("risk/risk.pt").toString()))
                .inputCols("features")
                .input("features", TensorSpec.of(DataType.FLOAT32, 30))
                .outputCol("risk")
                .build(rows.schema());
        RiskRows.assertEqual(scores(score.apply(rows)), RiskRows.plainScores(100));
    }

    @Test
    void outputType_thatTheModelDoesNotGive_isRefusedBeforeAnyJob() {
        assertThatThrownBy(() -> risk().outputType("array<float>")
                        .build(RiskRows.of(spark, 1, 1).schema()))
                .hasMessageContaining("array<float>");
    }

    @Test
    void stream_isScoredByTheSameFunction(@TempDir Path folder) throws Exception {
        Dataset<Row> rows = RiskRows.of(spark, 300, 3);
        rows.write().parquet(folder.resolve("in").toString());
        Dataset<Row> stream = spark.readStream()
                .schema(rows.schema())
                .parquet(folder.resolve("in").toString());
        ModelFunction score = risk().build(stream.schema());

        StreamingQuery query = score.apply(stream)
                .writeStream()
                .format("memory")
                .queryName("scored")
                .option("checkpointLocation", folder.resolve("checkpoint").toString())
                .trigger(Trigger.AvailableNow())
                .start();
        query.awaitTermination();

        RiskRows.assertEqual(scores(spark.table("scored")), RiskRows.plainScores(300));
    }

    @Test
    void predictor_isOneForAllTasksAndJobs() {
        ModelOpening.PREDICTORS.closeAll();
        Dataset<Row> rows = RiskRows.of(spark, 100, 4);
        risk().batchSize(33).build(rows.schema()).apply(rows).count();
        risk().batchSize(33).build(rows.schema()).apply(rows).count();
        assertThat(ModelOpening.PREDICTORS.keys()).hasSize(1);
    }
}
