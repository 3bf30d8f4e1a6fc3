package dev.cresset.internal.metrics;

import dev.cresset.InvalidInputException;
import dev.cresset.ModelExecutionException;
import dev.cresset.OutOfNativeMemoryException;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;

/**
 * How often what has happened to a predictor's requests, from the start. Counting is an addition: it allocates nothing and
 * takes no lock. Instances are safe for use by several threads.
 */
public final class Tally {

    /** One number for each of these. */
    public enum Event {
        ANSWERED,
        INVALID_INPUT,
        EXECUTION_FAILURE,
        OUT_OF_NATIVE_MEMORY,
        OTHER_FAILURE,
        REJECTED,
        EXPIRED,
        CANCELLED,
        BATCH,
        ROW,
        PADDING_ROW
    }

    // Filled when this is made and never changed, so that threads may share it.
    private final Map<Event, LongAdder> sums = new EnumMap<>(Event.class);

    /** Counts from zero. */
    public Tally() {
        for (Event event : Event.values()) {
            sums.put(event, new LongAdder());
        }
    }

    /** A request was answered. */
    public void answered() {
        count(Event.ANSWERED);
    }

    /** A native call ended that computed {@code bucket} rows, of which {@code rows} were asked for. */
    public void ran(int rows, int bucket) {
        count(Event.BATCH);
        of(Event.ROW).add(rows);
        if (bucket > rows) {
            of(Event.PADDING_ROW).add((long) bucket - rows);
        }
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

    /** Starts from zero again, while nobody counts. */
    public void reset() {
        sums.values().forEach(LongAdder::reset);
    }

    private void count(Event event) {
        of(event).increment();
    }

    private LongAdder of(Event event) {
        return Objects.requireNonNull(sums.get(event));
    }
}
