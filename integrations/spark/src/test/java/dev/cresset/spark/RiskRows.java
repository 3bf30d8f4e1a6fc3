package dev.cresset.spark;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.sequence;
import static org.apache.spark.sql.functions.transform;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.cresset.Batching;
import dev.cresset.Predictor;
import dev.cresset.handler.TensorHandler;
import dev.cresset.mar.ModelArchive;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;

/** Rows for the risk model, and what a predictor without Spark answers to them. */
final class RiskRows {

    private RiskRows() {}

    /** So many rows, each with its {@code id} and thirty {@code features} that follow from it. */
    static Dataset<Row> of(SparkSession spark, int rows, int partitions) {
        return spark.range(0, rows, 1, partitions)
                .toDF("id")
                .withColumn(
                        "features",
                        transform(
                                sequence(lit(1), lit(30)),
                                i -> i.multiply(col("id")).mod(97).divide(1000).cast("float")));
    }

    static float[] features(long id) {
        float[] row = new float[30];
        for (int i = 0; i < row.length; i++) {
            row[i] = (float) ((i + 1) * id % 97 / 1000.0);
        }
        return row;
    }

    static List<Float> plainScores(int rows) throws IOException {
        List<Float> scores = new ArrayList<>(rows);
        try (ModelArchive archive = ModelArchive.open(Path.of(Sessions.RISK));
                Predictor<float[], float[]> predictor = Predictor.builder(archive, TensorHandler.ofFloats(30))
                        .batching(Batching.upTo(64))
                        .open()) {
            for (int start = 0; start < rows; start += 256) {
                List<float[]> some = new ArrayList<>();
                for (int i = start; i < Math.min(rows, start + 256); i++) {
                    some.add(features(i));
                }
                predictor.predictAll(some).forEach(answer -> scores.add(answer[0]));
            }
        }
        return scores;
    }

    /** Up to rounding: rows of a batch are not added up in the order of rows alone. */
    static void assertEqual(List<@Nullable Float> found, List<@Nullable Float> expected) {
        assertThat(found).hasSameSizeAs(expected);
        for (int i = 0; i < found.size(); i++) {
            Float score = expected.get(i);
            if (score == null) {
                assertThat(found.get(i)).as("row %s", i).isNull();
            } else {
                assertThat(found.get(i)).as("row %s", i).isCloseTo(score, within(1e-6f + 1e-4f * score));
            }
        }
    }
}
