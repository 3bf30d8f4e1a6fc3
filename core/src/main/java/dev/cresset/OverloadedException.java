package dev.cresset;

/**
 * As many requests wait as may wait. Nothing was done for this one; ask again later, or less often.
 */
public final class OverloadedException extends InferenceException {

    private static final long serialVersionUID = 1L;

    OverloadedException(String message) {
        super(message, null);
    }
}
