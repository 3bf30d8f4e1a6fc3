package dev.cresset;

/**
 * There was no answer in the time that the request had. A request that was still waiting then never runs.
 */
public final class DeadlineExceededException extends InferenceException {

    private static final long serialVersionUID = 1L;

    DeadlineExceededException(String message) {
        super(message, null);
    }
}
