package dev.cresset;

/**
 * What a predictor does, for JMX: {@link PredictorMetrics} as attributes. Times are in microseconds. {@link Predictor#registerMBean}
 * makes it known.
 */
public interface PredictorMXBean {

    /** See {@link PredictorMetrics#answered}. */
    long getAnswered();

    /** Requests that failed, for whatever reason but to be rejected, expired or cancelled. */
    long getFailed();

    /** See {@link PredictorMetrics#invalidInputs}; among the failed. */
    long getInvalidInputs();

    /** See {@link PredictorMetrics#executionFailures}; among the failed. */
    long getExecutionFailures();

    /** See {@link PredictorMetrics#outOfNativeMemory}; among the failed. */
    long getOutOfNativeMemory();

    /** See {@link PredictorMetrics#otherFailures}; among the failed. */
    long getOtherFailures();

    /** See {@link PredictorMetrics#rejected}. */
    long getRejected();

    /** See {@link PredictorMetrics#expired}. */
    long getExpired();

    /** See {@link PredictorMetrics#cancelled}. */
    long getCancelled();

    /** See {@link PredictorMetrics#batches}. */
    long getBatches();

    /** See {@link PredictorMetrics#rows}. */
    long getRows();

    /** See {@link PredictorMetrics#paddingRows}. */
    long getPaddingRows();

    /** See {@link PredictorMetrics#waiting}. */
    int getWaiting();

    /** See {@link PredictorMetrics#running}. */
    int getRunning();

    /** See {@link PredictorMetrics#nativeBytes}. */
    long getNativeBytes();

    /** The median of {@link PredictorMetrics#total}. */
    long getMedianMicros();

    /** What 99 of 100 of {@link PredictorMetrics#total} do not exceed. */
    long getP99Micros();

    /** What 99 of 100 of {@link PredictorMetrics#queue} do not exceed. */
    long getQueueP99Micros();

    /** What 99 of 100 of {@link PredictorMetrics#nativeCall} do not exceed. */
    long getNativeP99Micros();

    /** {@link PredictorMetrics#device}, for 99 of a hundred calls. */
    long getDeviceP99Micros();

    /** {@link PredictorMetrics#graphs}. */
    String[] getGraphs();

    /** Where it is computed, and the memory there: {@link PredictorMetrics#devices}. */
    String[] getDevices();

    /** How the model is computed: {@link Predictor#plan}. */
    String getPlan();
}
