package dev.cresset;

import org.jspecify.annotations.Nullable;

/**
 * No engine can run in this process: the platform has none, or its native libraries are missing or do not load.
 */
public final class EngineUnavailableException extends InferenceException {

    private static final long serialVersionUID = 1L;

    /** Says what failed and why, in one sentence. */
    public EngineUnavailableException(String message) {
        this(message, null);
    }

    /** Says what failed and why, in one sentence, and what caused it. */
    public EngineUnavailableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
