package dev.cresset;

import dev.cresset.engine.DeviceReport;
import dev.cresset.engine.GraphReport;
import dev.cresset.internal.metrics.Counts;
import dev.cresset.internal.metrics.Recorder;
import dev.cresset.internal.metrics.Recorder.Measure;
import dev.cresset.internal.metrics.Tally;
import dev.cresset.internal.metrics.Tally.Event;
import dev.cresset.tensor.Memory;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;

/**
 * What a predictor has done, as {@link Predictor#metrics} found it: counts of requests, batches and rows since it was opened;
 * times and sizes, since somebody first looked. Counts only grow; numbers of the same moment may differ by the requests under
 * way.
 *
 * <p>Instances are immutable and safe for use by several threads.
 */
public final class PredictorMetrics {

    private final Latency total;
    private final Latency preprocess;
    private final Latency queue;
    private final Latency nativeCall;
    private final Latency device;
    private final Latency postprocess;
    private final Counts batchSizes;
    private final long answered;
    private final long batches;
    private final long rows;
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
    private final List<DeviceReport> devices;
    private final List<GraphReport> graphs;

    /** On the CPU. */
    PredictorMetrics(Tally counted, Recorder from, int waiting, int running) {
        this(counted, from, waiting, running, List.of(DeviceReport.ofCpu()), List.of(GraphReport.none()));
    }

    PredictorMetrics(
            Tally counted,
            Recorder from,
            int waiting,
            int running,
            List<DeviceReport> devices,
            List<GraphReport> graphs) {
        this.devices = List.copyOf(devices);
        this.graphs = List.copyOf(graphs);
        total = new Latency(from.snapshot(Measure.ANSWER));
        preprocess = new Latency(from.snapshot(Measure.PREPROCESS));
        queue = new Latency(from.snapshot(Measure.WAIT));
        nativeCall = new Latency(from.snapshot(Measure.NATIVE));
        device = new Latency(from.snapshot(Measure.DEVICE));
        postprocess = new Latency(from.snapshot(Measure.POSTPROCESS));
        batchSizes = from.snapshot(Measure.BATCH_SIZE);
        answered = counted.sum(Event.ANSWERED);
        batches = counted.sum(Event.BATCH);
        rows = counted.sum(Event.ROW);
        invalidInputs = counted.sum(Event.INVALID_INPUT);
        executionFailures = counted.sum(Event.EXECUTION_FAILURE);
        outOfNativeMemory = counted.sum(Event.OUT_OF_NATIVE_MEMORY);
        otherFailures = counted.sum(Event.OTHER_FAILURE);
        rejected = counted.sum(Event.REJECTED);
        expired = counted.sum(Event.EXPIRED);
        cancelled = counted.sum(Event.CANCELLED);
        paddingRows = counted.sum(Event.PADDING_ROW);
        this.waiting = waiting;
        this.running = running;
        nativeBytes = Memory.alive();
    }

    /** Requests that were answered. */
    public long answered() {
        return answered;
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
        return batches;
    }

    /** Requests' rows that native calls computed. */
    public long rows() {
        return rows;
    }

    /** Rows that native calls computed beside those, to fill batches up to a size that the model was tried with. */
    public long paddingRows() {
        return paddingRows;
    }

    /** How many batches there were of each size, in rows without padding, since the first look; sizes from 64 on are rounded down by up to 3 %. */
    public SortedMap<Integer, Long> batchSizes() {
        return Collections.unmodifiableSortedMap(batchSizes.bySize());
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

    /** Where the model computes, and the memory there: of all models on that device. */
    public List<DeviceReport> devices() {
        return devices;
    }

    /** Which of the model's prepared calls are CUDA graphs, and why others are none; in the order of {@link #devices}. */
    public List<GraphReport> graphs() {
        return graphs;
    }

    /** From a request's coming to its answer, since the first look; and so all times. */
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

    /**
     * What devices take for native calls, from the first copy to the last, by their own clocks; nothing is measured on the CPU. Its sum, over the
     * time that it was measured in, is the share of time that devices were busy with this model, as long as they do one thing at a time.
     */
    public Latency device() {
        return device;
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

        /**
         * What was measured after an earlier look at the same predictor: percentiles of the last minute are those since the look of a
         * minute ago. Its {@link #max} is known to 3 % then. All that was measured, if the earlier is none of this predictor's.
         */
        public Latency since(Latency earlier) {
            return new Latency(counts.since(earlier.counts));
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

        /** The longest, exactly but for what {@link #since} returns; or zero without any. */
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
