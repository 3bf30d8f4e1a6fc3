package dev.cresset.spark;

import dev.cresset.PredictorMetrics;
import java.io.Serializable;
import org.apache.spark.SparkContext;
import org.apache.spark.util.LongAccumulator;

/**
 * What a function has done, as accumulators: Spark's UI shows them with each stage and task. Made by the driver, added to by tasks.
 *
 * <p>Tasks share a predictor, which counts batches and time for all of them: a task adds what no other has added yet.
 */
final class Progress implements Serializable {
    private static final long serialVersionUID = 1;

    private final LongAccumulator rows;
    private final LongAccumulator failures;
    private final LongAccumulator batches;
    private final LongAccumulator nativeMillis;

    Progress(SparkContext context, String model) {
        this.rows = context.longAccumulator(model + ": rows");
        this.failures = context.longAccumulator(model + ": rows that failed");
        this.batches = context.longAccumulator(model + ": batches");
        this.nativeMillis = context.longAccumulator(model + ": ms in the model");
    }

    void add(int scored, int failed) {
        rows.add(scored);
        failures.add(failed);
    }

    void addWorkOf(CountedPredictor<?, ?> shared) {
        PredictorMetrics metrics = shared.predictor().metrics();
        Claimed claimed = shared.claimed();
        synchronized (claimed) {
            long batchesNow = metrics.batches();
            long millisNow = metrics.nativeCall().sum().toMillis();
            batches.add(Math.max(0, batchesNow - claimed.batches));
            nativeMillis.add(Math.max(0, millisNow - claimed.millis));
            claimed.batches = Math.max(claimed.batches, batchesNow);
            claimed.millis = Math.max(claimed.millis, millisNow);
        }
    }

    long rows() {
        return rows.value();
    }

    long failures() {
        return failures.value();
    }

    long batches() {
        return batches.value();
    }

    long nativeMillis() {
        return nativeMillis.value();
    }

    /** What some task has added of a predictor's counts; guarded by itself. */
    static final class Claimed {
        private long batches;
        private long millis;
    }
}
