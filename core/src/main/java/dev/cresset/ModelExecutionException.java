package dev.cresset;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The model, or its handler, failed on a call: a {@code raise} in its source, an operator that refuses its inputs. The
 * message has the last line of the failure; {@link #trace} has where in the model's source it happened.
 *
 * <p>A {@link Handler} throws it for an output that it cannot read.
 */
public final class ModelExecutionException extends InferenceException {

    private static final long serialVersionUID = 1L;

    private final @Nullable String trace;

    /** Says what failed and why, in one sentence. */
    public ModelExecutionException(String message) {
        this(message, null);
    }

    /** Says what failed and why, in one sentence, and what caused it. */
    public ModelExecutionException(String message, @Nullable Throwable cause) {
        this(message, null, cause);
    }

    /** Says that, and gives the engine's own account of the failure. */
    public ModelExecutionException(String message, @Nullable String trace, @Nullable Throwable cause) {
        super(message, cause);
        this.trace = trace;
    }

    /** The engine's own account of the failure, with TorchScript's traceback where there is one. */
    public Optional<String> trace() {
        return Optional.ofNullable(trace);
    }
}
