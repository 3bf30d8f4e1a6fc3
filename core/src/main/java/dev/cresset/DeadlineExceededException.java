package dev.cresset;

import org.jspecify.annotations.Nullable;

/**
 * There was no answer in the time that the request had. A request that was still waiting then never runs.
 */
public final class DeadlineExceededException extends InferenceException {

    private static final long serialVersionUID = 1L;

    /** Says what failed and why, in one sentence. */
    public DeadlineExceededException(String message) {
        this(message, null);
    }

    /** Says what failed and why, in one sentence, and what caused it. */
    public DeadlineExceededException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
