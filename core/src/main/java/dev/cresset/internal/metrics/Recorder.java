package dev.cresset.internal.metrics;

import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

/**
 * How what a predictor measures is distributed, from the first time that somebody looks. All times are in nanoseconds.
 * Recording allocates nothing and takes no lock. Instances are safe for use by several threads.
 */
public final class Recorder {

    /** One distribution for each of these. */
    public enum Measure {
        PREPROCESS,
        WAIT,
        NATIVE,
        DEVICE,
        POSTPROCESS,
        ANSWER,
        BATCH_SIZE
    }

    // Filled when this is made and never changed, so that threads may share them.
    private final Map<Measure, Histogram> measures = new EnumMap<>(Measure.class);

    /** Counts from zero. */
    public Recorder() {
        for (Measure measure : Measure.values()) {
            measures.put(measure, new Histogram());
        }
    }

    /** A request became tensors. */
    public void preprocessed(long nanos) {
        record(Measure.PREPROCESS, nanos);
    }

    /** A request's tensors were ready for so long before their native call began. */
    public void waited(long nanos) {
        record(Measure.WAIT, nanos);
    }

    /** A native call ended that computed so many rows that were asked for. */
    public void ran(int rows, long nanos) {
        record(Measure.NATIVE, nanos);
        record(Measure.BATCH_SIZE, rows);
    }

    /** A device was at a native call for so long. */
    public void computed(long nanos) {
        record(Measure.DEVICE, nanos);
    }

    /** A request's output became its answer. */
    public void postprocessed(long nanos) {
        record(Measure.POSTPROCESS, nanos);
    }

    /** A request was answered so long after it came. */
    public void answered(long nanos) {
        record(Measure.ANSWER, nanos);
    }

    /** What was measured so far. */
    public Counts snapshot(Measure measure) {
        return of(measure).snapshot();
    }

    private void record(Measure measure, long value) {
        of(measure).record(value);
    }

    private Histogram of(Measure measure) {
        return Objects.requireNonNull(measures.get(measure));
    }
}
