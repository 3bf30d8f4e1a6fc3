package dev.cresset;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The model, or its handler, failed on a call: a {@code raise} in its source, an operator that refuses its inputs. The
 * message has the last line of the failure; {@link #trace} has where in the model's source it happened.
 */
public final class ModelExecutionException extends InferenceException {

    private static final long serialVersionUID = 1L;

    private final @Nullable String trace;

    ModelExecutionException(String message, @Nullable String trace, @Nullable Throwable cause) {
        super(message, cause);
        this.trace = trace;
    }

    /** The engine's own account of the failure, with TorchScript's traceback where there is one. */
    public Optional<String> trace() {
        return Optional.ofNullable(trace);
    }
}
