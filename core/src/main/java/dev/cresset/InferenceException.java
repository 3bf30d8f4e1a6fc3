package dev.cresset;

import org.jspecify.annotations.Nullable;

/**
 * Why there is no answer. Each kind of reason is a class of its own; the message is one sentence that names the model.
 */
public abstract sealed class InferenceException extends RuntimeException
        permits ModelLoadException,
                EngineUnavailableException,
                DeviceUnavailableException,
                DeviceFailedException,
                InvalidInputException,
                ModelExecutionException,
                OutOfNativeMemoryException,
                OverloadedException,
                DeadlineExceededException,
                UnknownModelException,
                RegistryConflictException,
                ClosedException {

    private static final long serialVersionUID = 1L;

    /** For the kinds of reasons. */
    InferenceException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
