package dev.cresset;

import org.jspecify.annotations.Nullable;

/**
 * A model could not be loaded: its archive names none, the engine cannot read it, or it reaches outside the computation and is not
 * {@linkplain ModelOptions#isTrusted trusted}.
 *
 * <p>A {@link HandlerProvider} throws it where this platform lacks what a handler needs.
 */
public final class ModelLoadException extends InferenceException {

    private static final long serialVersionUID = 1L;

    /** Says what failed and why, in one sentence. */
    public ModelLoadException(String message) {
        this(message, null);
    }

    /** Says what failed and why, in one sentence, and what caused it. */
    public ModelLoadException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
