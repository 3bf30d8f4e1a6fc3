package dev.cresset;

/**
 * What was asked of a {@link ModelRegistry} does not go with what it holds: the version is there already, or it is the
 * default and others are left. Nothing was changed.
 */
public final class RegistryConflictException extends InferenceException {

    private static final long serialVersionUID = 1L;

    RegistryConflictException(String message) {
        super(message, null);
    }
}
