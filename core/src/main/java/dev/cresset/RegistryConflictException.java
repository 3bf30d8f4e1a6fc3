package dev.cresset;

import dev.cresset.registry.ModelRegistry;
import org.jspecify.annotations.Nullable;

/**
 * What was asked of a {@link ModelRegistry} does not go with what it holds: the version is there already, or it is the
 * default and others are left. Nothing was changed.
 */
public final class RegistryConflictException extends InferenceException {

    private static final long serialVersionUID = 1L;

    /** Says what failed and why, in one sentence. */
    public RegistryConflictException(String message) {
        this(message, null);
    }

    /** Says what failed and why, in one sentence, and what caused it. */
    public RegistryConflictException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
