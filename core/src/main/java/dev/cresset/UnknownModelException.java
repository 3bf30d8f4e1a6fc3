package dev.cresset;

import dev.cresset.registry.ModelRegistry;
import org.jspecify.annotations.Nullable;

/**
 * A {@link ModelRegistry} has no model of this name, or no such version of it. The message says what there is.
 */
public final class UnknownModelException extends InferenceException {

    private static final long serialVersionUID = 1L;

    /** Says what failed and why, in one sentence. */
    public UnknownModelException(String message) {
        this(message, null);
    }

    /** Says what failed and why, in one sentence, and what caused it. */
    public UnknownModelException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
