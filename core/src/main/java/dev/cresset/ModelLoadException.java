package dev.cresset;

import org.jspecify.annotations.Nullable;

/**
 * A model could not be loaded: its archive names none, or the engine cannot read it.
 *
 * <p>A {@link HandlerProvider} throws it where this platform lacks what a handler needs.
 */
public final class ModelLoadException extends InferenceException {

    private static final long serialVersionUID = 1L;

    /** What cannot be loaded and why, in one sentence. */
    public ModelLoadException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
