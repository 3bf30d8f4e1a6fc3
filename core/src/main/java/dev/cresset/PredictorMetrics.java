package dev.cresset;

import dev.cresset.internal.metrics.Counts;
import dev.cresset.internal.metrics.Recorder;
import dev.cresset.internal.metrics.Recorder.Event;
import dev.cresset.internal.metrics.Recorder.Measure;
import dev.cresset.tensor.Memory;
import java.time.Duration;
import java.util.Collections;
import java.util.SortedMap;

/**
 * What a predictor has done since somebody first looked, as {@link Predictor#metrics} found it. Counts only grow; numbers
 * of the same moment may differ by the requests under way.
 *
 * <p>Instances are immutable and safe for use by several threads.
 */
public final class PredictorMetrics {

    private final Latency total;
    private final Latency preprocess;
    private final Latency queue;
    private final Latency nativeCall;
    private final Latency postprocess;
    private final Counts batches;
    private final long invalidInputs;
    private final long executionFailures;
    private final long outOfNativeMemory;
    private final long otherFailures;
    private final long rejected;
    private final long expired;
    private final long cancelled;
    private final long paddingRows;
    private final int waiting;
    private final int running;
    private final long nativeBytes;

    PredictorMetrics(Recorder from, int waiting, int running) {
        total = new Latency(from.snapshot(Measure.ANSWER));
        preprocess = new Latency(from.snapshot(Measure.PREPROCESS));
        queue = new Latency(from.snapshot(Measure.WAIT));
        nativeCall = new Latency(from.snapshot(Measure.NATIVE));
        postprocess = new Latency(from.snapshot(Measure.POSTPROCESS));
        batches = from.snapshot(Measure.BATCH_SIZE);
        invalidInputs = from.sum(Event.INVALID_INPUT);
        executionFailures = from.sum(Event.EXECUTION_FAILURE);
        outOfNativeMemory = from.sum(Event.OUT_OF_NATIVE_MEMORY);
        otherFailures = from.sum(Event.OTHER_FAILURE);
        rejected = from.sum(Event.REJECTED);
        expired = from.sum(Event.EXPIRED);
        cancelled = from.sum(Event.CANCELLED);
        paddingRows = from.sum(Event.PADDING_ROW);
        this.waiting = waiting;
        this.running = running;
        nativeBytes = Memory.alive();
    }

    /** Requests that were answered. */
    public long answered() {
        return total.count();
    }

    /** Requests that failed with an {@link InvalidInputException}: the caller's fault. */
    public long invalidInputs() {
        return invalidInputs;
    }

    /** Requests that failed with a {@link ModelExecutionException}. */
    public long executionFailures() {
        return executionFailures;
    }

    /** Requests that failed with an {@link OutOfNativeMemoryException}. */
    public long outOfNativeMemory() {
        return outOfNativeMemory;
    }

    /** Requests that failed with anything else, such as a {@link ClosedException}. */
    public long otherFailures() {
        return otherFailures;
    }

    /** Requests that found the queue full, and so failed with an {@link OverloadedException}. */
    public long rejected() {
        return rejected;
    }

    /** Requests that failed with a {@link DeadlineExceededException}. */
    public long expired() {
        return expired;
    }

    /** Requests whose future was cancelled. */
    public long cancelled() {
        return cancelled;
    }

    /** Native calls. */
    public long batches() {
        return batches.count();
    }

    /** Requests' rows that native calls computed. */
    public long rows() {
        return batches.total();
    }

    /** Rows that native calls computed beside those, to fill batches up to a size that the model was tried with. */
    public long paddingRows() {
        return paddingRows;
    }

    /** How many batches there were of each size, in rows without padding; sizes from 64 on are rounded down by up to 3 %. */
    public SortedMap<Integer, Long> batchSizes() {
        return Collections.unmodifiableSortedMap(batches.bySize());
    }

    /** Requests that wait now for a native call. */
    public int waiting() {
        return waiting;
    }

    /** Native calls that run now. */
    public int running() {
        return running;
    }

    /**
     * Bytes of tensors outside the heap that are alive now: of all predictors and models in the process, without what models
     * and their calls take for themselves.
     */
    public long nativeBytes() {
        return nativeBytes;
    }

    /** From a request's coming to its answer. */
    public Latency total() {
        return total;
    }

    /** What a handler takes to make tensors of a request. */
    public Latency preprocess() {
        return preprocess;
    }

    /** How long a request's tensors wait for their native call to begin. */
    public Latency queue() {
        return queue;
    }

    /** What native calls take, each counted once for all its rows. */
    public Latency nativeCall() {
        return nativeCall;
    }

    /** What a handler takes to make an answer of an output. */
    public Latency postprocess() {
        return postprocess;
    }

    @Override
    public String toString() {
        return "answered " + answered() + " (" + total + "), failed "
                + (invalidInputs + executionFailures + outOfNativeMemory + otherFailures) + ", rejected " + rejected
                + ", expired " + expired + ", cancelled " + cancelled + ", batches " + batches() + ", rows " + rows()
                + ", waiting " + waiting + ", running " + running;
    }

    /** How times are distributed. Instances are immutable and safe for use by several threads. */
    public static final class Latency {
        private final Counts counts;

        Latency(Counts counts) {
            this.counts = counts;
        }

        /** How many times were measured. */
        public long count() {
            return counts.count();
        }

        /** All of them together. */
        public Duration sum() {
            return Duration.ofNanos(counts.total());
        }

        /** Their mean, or zero without any. */
        public Duration mean() {
            return Duration.ofNanos(counts.count() == 0 ? 0 : counts.total() / counts.count());
        }

        /** The longest, exactly; or zero without any. */
        public Duration max() {
            return Duration.ofNanos(counts.max());
        }

        /**
         * The time that so many of a hundred do not exceed, to 2 %: {@code percentile(99.9)}; zero without any.
         *
         * @throws IllegalArgumentException if it is not from 0 to 100
         */
        public Duration percentile(double percent) {
            if (!(percent >= 0 && percent <= 100)) {
                throw new IllegalArgumentException("the percentile is " + percent + ", it must be from 0 to 100");
            }
            return Duration.ofNanos(counts.quantile(percent / 100));
        }

        @Override
        public String toString() {
            return "mean " + mean() + ", p50 " + percentile(50) + ", p99 " + percentile(99) + ", max " + max();
        }
    }
}
