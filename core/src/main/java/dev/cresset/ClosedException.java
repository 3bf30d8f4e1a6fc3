package dev.cresset;

import org.jspecify.annotations.Nullable;

/**
 * The model, predictor or bound call is closed, or is being closed.
 */
public final class ClosedException extends InferenceException {

    private static final long serialVersionUID = 1L;

    /** Says what failed and why, in one sentence. */
    public ClosedException(String message) {
        this(message, null);
    }

    /** Says what failed and why, in one sentence, and what caused it. */
    public ClosedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
