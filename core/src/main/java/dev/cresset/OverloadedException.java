package dev.cresset;

import org.jspecify.annotations.Nullable;

/**
 * As many requests wait as may wait. Nothing was done for this one; ask again later, or less often.
 */
public final class OverloadedException extends InferenceException {

    private static final long serialVersionUID = 1L;

    /** Says what failed and why, in one sentence. */
    public OverloadedException(String message) {
        this(message, null);
    }

    /** Says what failed and why, in one sentence, and what caused it. */
    public OverloadedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
