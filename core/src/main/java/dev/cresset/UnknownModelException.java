package dev.cresset;

/**
 * A {@link ModelRegistry} has no model of this name, or no such version of it. The message says what there is.
 */
public final class UnknownModelException extends InferenceException {

    private static final long serialVersionUID = 1L;

    UnknownModelException(String message) {
        super(message, null);
    }
}
