package dev.cresset.flink;

import dev.cresset.DeadlineExceededException;
import dev.cresset.InferenceException;
import dev.cresset.PredictorMetrics;
import java.time.Duration;
import java.util.function.Function;
import java.util.function.IntSupplier;
import java.util.function.ToLongFunction;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MeterView;
import org.apache.flink.metrics.MetricGroup;

/**
 * What a subtask counts, in the group {@code cresset}; and below it, in {@code predictor}, what the model did for all subtasks of the
 * task manager. Counted by the task's thread.
 */
final class ScoringMetrics {

    private final Counter scored;
    private final Counter failed;
    private final Counter timedOut;

    ScoringMetrics(MetricGroup operator, OpenModel<?, ?> model, IntSupplier inFlight) {
        MetricGroup own = operator.addGroup("cresset").addGroup("model", model.name());
        this.scored = own.counter("scored");
        this.failed = own.counter("failed");
        this.timedOut = own.counter("timedOut");
        own.meter("scoredPerSecond", new MeterView(scored));
        own.<Integer, Gauge<Integer>>gauge("inFlight", inFlight::getAsInt);
        own.<Long, Gauge<Long>>gauge("modelUpdates", model::updates);
        own.<Long, Gauge<Long>>gauge("failedModelUpdates", model::failedUpdates);

        MetricGroup shared = own.addGroup("predictor");
        count(shared, "rows", model, PredictorMetrics::rows);
        count(shared, "batches", model, PredictorMetrics::batches);
        count(shared, "failures", model, ScoringMetrics::failures);
        count(shared, "cancelled", model, PredictorMetrics::cancelled);
        count(shared, "waiting", model, PredictorMetrics::waiting);
        count(shared, "running", model, PredictorMetrics::running);
        count(shared, "nativeBytes", model, PredictorMetrics::nativeBytes);
        latency(shared, "total", model, PredictorMetrics::total);
        latency(shared, "queue", model, PredictorMetrics::queue);
        latency(shared, "native", model, PredictorMetrics::nativeCall);
    }

    private static long failures(PredictorMetrics metrics) {
        return metrics.invalidInputs()
                + metrics.executionFailures()
                + metrics.outOfNativeMemory()
                + metrics.otherFailures()
                + metrics.expired();
    }

    private static void count(
            MetricGroup group, String name, OpenModel<?, ?> model, ToLongFunction<PredictorMetrics> count) {
        group.<Long, Gauge<Long>>gauge(name, () -> count.applyAsLong(model.metrics()));
    }

    /** Measured from the first look on, so that a job without a reporter does not pay for it. */
    private static void latency(
            MetricGroup group,
            String name,
            OpenModel<?, ?> model,
            Function<PredictorMetrics, PredictorMetrics.Latency> latency) {
        group.<Long, Gauge<Long>>gauge(name + "P50Micros", () -> micros(latency.apply(model.metrics()), 50));
        group.<Long, Gauge<Long>>gauge(name + "P99Micros", () -> micros(latency.apply(model.metrics()), 99));
    }

    private static long micros(PredictorMetrics.Latency latency, double percent) {
        Duration found = latency.percentile(percent);
        return found.toNanos() / 1_000;
    }

    void scored() {
        scored.inc();
    }

    void failed(InferenceException why) {
        failed.inc();
        if (why instanceof DeadlineExceededException) {
            timedOut.inc();
        }
    }
}
