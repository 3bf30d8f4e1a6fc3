package dev.cresset;

import org.jspecify.annotations.Nullable;

/**
 * A model could not be loaded: its archive names none, or the engine cannot read it.
 */
public final class ModelLoadException extends InferenceException {

    private static final long serialVersionUID = 1L;

    ModelLoadException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
