package dev.cresset;

import org.jspecify.annotations.Nullable;

/**
 * What was given does not fit the model: the wrong number or kind of arguments, a tensor of another type, rank or size, or
 * a request that its handler cannot read. The message names the input, what was expected and what came.
 *
 * <p>A {@link Handler} throws it for a request that it cannot read.
 */
public final class InvalidInputException extends InferenceException {

    private static final long serialVersionUID = 1L;

    /** Says what failed and why, in one sentence. */
    public InvalidInputException(String message) {
        this(message, null);
    }

    /** Says what failed and why, in one sentence, and what caused it. */
    public InvalidInputException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
