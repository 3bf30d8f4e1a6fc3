package dev.cresset.internal.metrics;

import dev.cresset.InvalidInputException;
import dev.cresset.ModelExecutionException;
import dev.cresset.OutOfNativeMemoryException;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;

/**
 * Where a predictor counts what it does, from the first time that somebody looks. All times are in nanoseconds. Recording
 * allocates nothing and takes no lock. Instances are safe for use by several threads.
 */
public final class Recorder {

    /** One number for each of these. */
    public enum Event {
        INVALID_INPUT,
        EXECUTION_FAILURE,
        OUT_OF_NATIVE_MEMORY,
        OTHER_FAILURE,
        REJECTED,
        EXPIRED,
        CANCELLED,
        PADDING_ROW
    }

    /** One distribution for each of these. */
    public enum Measure {
        PREPROCESS,
        WAIT,
        NATIVE,
        POSTPROCESS,
        ANSWER,
        BATCH_SIZE
    }

    // Filled when this is made and never changed, so that threads may share them.
    private final Map<Event, LongAdder> events = new EnumMap<>(Event.class);
    private final Map<Measure, Histogram> measures = new EnumMap<>(Measure.class);

    /** Counts from zero. */
    public Recorder() {
        for (Event event : Event.values()) {
            events.put(event, new LongAdder());
        }
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

    /** A native call ended that computed {@code bucket} rows, of which {@code rows} were asked for. */
    public void ran(int rows, int bucket, long nanos) {
        record(Measure.NATIVE, nanos);
        record(Measure.BATCH_SIZE, rows);
        if (bucket > rows) {
            of(Event.PADDING_ROW).add((long) bucket - rows);
        }
    }

    /** A request's output became its answer. */
    public void postprocessed(long nanos) {
        record(Measure.POSTPROCESS, nanos);
    }

    /** A request was answered so long after it came. */
    public void answered(long nanos) {
        record(Measure.ANSWER, nanos);
    }

    /** A request failed, other than by the three that follow. */
    public void failed(Throwable why) {
        if (why instanceof InvalidInputException) {
            count(Event.INVALID_INPUT);
        } else if (why instanceof OutOfNativeMemoryException) {
            count(Event.OUT_OF_NATIVE_MEMORY);
        } else if (why instanceof ModelExecutionException) {
            count(Event.EXECUTION_FAILURE);
        } else {
            count(Event.OTHER_FAILURE);
        }
    }

    /** A request found the queue full. */
    public void rejected() {
        count(Event.REJECTED);
    }

    /** A request had no answer within its deadline. */
    public void expired() {
        count(Event.EXPIRED);
    }

    /** A request was cancelled by its caller. */
    public void cancelled() {
        count(Event.CANCELLED);
    }

    /** How often so far. */
    public long sum(Event event) {
        return of(event).sum();
    }

    /** What was measured so far. */
    public Counts snapshot(Measure measure) {
        return of(measure).snapshot();
    }

    private void count(Event event) {
        of(event).increment();
    }

    private void record(Measure measure, long value) {
        of(measure).record(value);
    }

    private LongAdder of(Event event) {
        return Objects.requireNonNull(events.get(event));
    }

    private Histogram of(Measure measure) {
        return Objects.requireNonNull(measures.get(measure));
    }
}
