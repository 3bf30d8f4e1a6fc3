package dev.cresset;

import org.jspecify.annotations.Nullable;

/**
 * The model, predictor or bound call is closed, or is being closed.
 */
public final class ClosedException extends InferenceException {

    private static final long serialVersionUID = 1L;

    ClosedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
