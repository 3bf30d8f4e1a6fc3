package dev.cresset.spark;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The transformer in a session of this JVM. */
class ModelTransformerTest {

    private static SparkSession spark;

    @BeforeAll
    static void start() {
        spark = Sessions.local();
    }

    @AfterAll
    static void stop() {
        spark.stop();
    }

    private static ModelTransformer risk() {
        return risk("features").setInputSpecs("float32[30]");
    }

    private static List<Float> scores(Dataset<Row> scored) {
        return scored.orderBy("id").select("risk").collectAsList().stream()
                .map(row -> row.isNullAt(0) ? null : row.getFloat(0))
                .toList();
    }

    @Test
    void transform_arrays_equalsThePlainPredictor() throws Exception {
        RiskRows.assertEqual(scores(risk().transform(RiskRows.of(spark, 1_000, 3))), RiskRows.plainScores(1_000));
    }

    @Test
    void transform_keepsOrderAndColumns() {
        Dataset<Row> scored = risk().transform(RiskRows.of(spark, 1_000, 1));
        assertThat(scored.columns()).containsExactly("id", "features", "risk");
        assertThat(scored.collectAsList()).extracting(row -> row.getLong(0)).isSorted();
    }

    @Test
    void transformSchema_knowsTheAnswersBeforeAnyRowIsScored() {
        assertThat(risk().transformSchema(RiskRows.of(spark, 1, 1).schema())
                        .apply("risk")
                        .dataType())
                .isEqualTo(DataTypes.FloatType);
    }

    @Test
    void transform_vectorsOfAnAssembler_needsNoSpecs() throws Exception {
        Dataset<Row> rows = numbers(100);
        VectorAssembler assembler =
                new VectorAssembler().setInputCols(rows.drop("id").columns()).setOutputCol("vector");
        ModelTransformer transformer = risk("vector");
        RiskRows.assertEqual(scores(transformer.transform(assembler.transform(rows))), RiskRows.plainScores(100));
    }

    @Test
    void pipeline_withAnAssembler_isToldTheTypeOfTheAnswers() throws Exception {
        Dataset<Row> rows = numbers(100);
        Pipeline pipeline = new Pipeline().setStages(new PipelineStage[] {
            new VectorAssembler().setInputCols(rows.drop("id").columns()).setOutputCol("vector"),
            risk("vector").setOutputType("float")
        });
        RiskRows.assertEqual(scores(pipeline.fit(rows).transform(rows)), RiskRows.plainScores(100));
    }

    private static ModelTransformer risk(String... inputCols) {
        return new ModelTransformer()
                .setModel(Sessions.RISK)
                .setInputCols(inputCols)
                .setOutputCol("risk");
    }

    @Test
    void transform_columnsOfSingleNumbers_areOneRowOfNumbers() throws Exception {
        Dataset<Row> rows = numbers(100);
        ModelTransformer transformer = risk(rows.drop("id").columns());
        RiskRows.assertEqual(scores(transformer.transform(rows)), RiskRows.plainScores(100));
    }

    private static Dataset<Row> numbers(int rows) {
        List<Column> columns = new ArrayList<>(List.of(col("id")));
        for (int i = 0; i < 30; i++) {
            columns.add(col("features").getItem(i).as("f" + i));
        }
        return RiskRows.of(spark, rows, 2).select(columns.toArray(Column[]::new));
    }

    @Test
    void transform_typeNeitherSaidNorToBeLearned_saysHowToSayIt() {
        ModelTransformer transformer =
                new ModelTransformer().setModel(Sessions.RISK).setInputCols("features");
        assertThatThrownBy(() -> transformer.transform(RiskRows.of(spark, 1, 1)))
                .hasMessageContaining("outputType")
                .hasMessageContaining("risk.mar");
        assertThat(transformer
                        .setOutputType("double")
                        .transformSchema(RiskRows.of(spark, 1, 1).schema())
                        .apply("prediction")
                        .dataType())
                .isEqualTo(DataTypes.DoubleType);
    }

    private static Dataset<Row> withBadRows() {
        return RiskRows.of(spark, 300, 2)
                .withColumn(
                        "features",
                        when(col("id").equalTo(7), lit(null))
                                .when(col("id").equalTo(8), array(lit(1f)))
                                .when(col("id").equalTo(250), expr("transform(features, x -> if(x > 0.05, null, x))"))
                                .otherwise(col("features")));
    }

    @Test
    void badRows_kept_failAlone() throws Exception {
        Dataset<Row> scored =
                risk().setHandleInvalid("keep").setErrorCol("error").transform(withBadRows());
        List<Row> failed = scored.where("error is not null").orderBy("id").collectAsList();
        assertThat(failed).extracting(row -> row.getLong(0)).containsExactly(7L, 8L, 250L);
        assertThat(failed).allMatch(row -> row.isNullAt(2));
        assertThat(failed.get(0).getString(3)).isEqualTo("column 'features' is null");
        assertThat(failed.get(1).getString(3)).contains("[1]").contains("[30]");
        assertThat(failed.get(2).getString(3)).contains("null in it");
        List<Float> expected = new ArrayList<>(RiskRows.plainScores(300));
        List.of(7, 8, 250).forEach(id -> expected.set(id, null));
        RiskRows.assertEqual(scores(scored), expected);
    }

    @Test
    void badRows_skipped_areLeftOut() {
        assertThat(risk().setHandleInvalid("skip").transform(withBadRows()).count())
                .isEqualTo(297);
    }

    @Test
    void badRows_unlessSaid_failTheJobWithTheReason() {
        Dataset<Row> scored = risk().transform(withBadRows().where("id < 150"));
        assertThatThrownBy(scored::collectAsList)
                .hasStackTraceContaining("column 'features' is null")
                .hasStackTraceContaining("row 8 of partition 0");
    }

    @Test
    void model_thatIsNotThere_failsBeforeAnyJob() {
        ModelTransformer transformer = risk().setModel("/nowhere/risk.mar");
        assertThatThrownBy(() -> transformer.transform(RiskRows.of(spark, 1, 1)))
                .hasMessageContaining("/nowhere/risk.mar");
    }

    @Test
    void model_thatIsDamaged_failsOnceWithTheReason(@TempDir Path folder) throws Exception {
        byte[] bytes = Files.readAllBytes(Path.of(Sessions.RISK));
        bytes[bytes.length / 2] ^= 0x55;
        Path damaged = Files.write(folder.resolve("damaged.mar"), bytes);
        ModelTransformer transformer = risk().setModel(damaged.toString());
        Dataset<Row> rows = RiskRows.of(spark, 1, 1);
        int jobs = spark.sparkContext().statusTracker().getJobIdsForGroup(null).length;
        assertThatThrownBy(() -> transformer.transform(rows)).hasMessageContaining("damaged.mar");
        assertThat(spark.sparkContext().statusTracker().getJobIdsForGroup(null)).hasSize(jobs);
    }

    @Test
    void columns_thatAreNotThere_areNamed() {
        assertThatThrownBy(() -> risk().setInputCols("measures").transform(RiskRows.of(spark, 1, 1)))
                .hasMessageContaining("'measures'")
                .hasMessageContaining("id, features");
        assertThatThrownBy(() -> risk().setOutputCol("ID").transform(RiskRows.of(spark, 1, 1)))
                .hasMessageContaining("'id' already");
    }

    @Test
    void pipeline_savedMovedAndLoadedInANewJvm_scoresTheSame(@TempDir Path folder) throws Exception {
        Dataset<Row> rows = RiskRows.of(spark, 200, 2);
        Path model = Files.copy(Path.of(Sessions.RISK), folder.resolve("mine.mar"));
        PipelineModel pipeline = new Pipeline()
                .setStages(
                        new PipelineStage[] {risk().setModel(model.toString()).setBatchSize(7)})
                .fit(rows);
        pipeline.write().save(folder.resolve("saved").toString());
        Files.delete(model);
        Files.move(folder.resolve("saved"), folder.resolve("moved"));

        List<String> said = SavedPipeline.inANewJvm(folder.resolve("moved"), 200);

        assertThat(said.get(0)).isEqualTo("batchSize 7");
        RiskRows.assertEqual(said.stream().skip(1).map(Float::valueOf).toList(), RiskRows.plainScores(200));
    }

    @Test
    void images_fromAFolder_becomeClasses() {
        Dataset<Row> images = spark.read().format("binaryFile").load(Sessions.FIXTURES + "/digits/images/003*.png");
        Dataset<Row> classes = new ModelTransformer()
                .setModel(Sessions.FIXTURES + "/digits/digits.mar")
                .setInputCols("content")
                .setOutputCol("classes")
                .transform(images);
        List<Row> found = classes.selectExpr("regexp_extract(path, '-([a-z]+).png', 1)", "classes[0].label")
                .collectAsList();
        assertThat(found).hasSizeGreaterThan(1).allMatch(row -> row.getString(0).equals(row.getString(1)));
        assertThat(classes.schema().apply("classes").dataType())
                .isEqualTo(DataType.fromDDL("array<struct<index:int,label:string,probability:float>>"));
    }

    @Test
    void images_thatAreNone_failAlone() {
        Dataset<Row> images =
                spark.read().format("binaryFile").load(Sessions.FIXTURES + "/digits/images/003*.png", Sessions.RISK);
        Dataset<Row> failed = new ModelTransformer()
                .setModel(Sessions.FIXTURES + "/digits/digits.mar")
                .setInputCols("content")
                .setHandleInvalid("keep")
                .setErrorCol("error")
                .transform(images)
                .where("error is not null");
        assertThat(failed.select("path").collectAsList())
                .singleElement()
                .matches(row -> row.getString(0).endsWith("risk.mar"));
    }

    @Test
    void answersInJson_becomeTheTypeThatIsSaid() {
        Dataset<Row> images = spark.read().format("binaryFile").load(Sessions.FIXTURES + "/digits/images/0034-six.png");
        Row row = new ModelTransformer()
                .setModel(Sessions.FIXTURES + "/digits/digits.mar")
                .setInputCols("content")
                .setOutputType("map<string,double>")
                .transform(images)
                .selectExpr("prediction['six']")
                .first();
        assertThat(row.getDouble(0)).isGreaterThan(0.5);
    }
}
