package dev.cresset;

import org.jspecify.annotations.Nullable;

/**
 * There was not enough memory outside the heap for a call or a model; of a device's memory, it is an {@link
 * OutOfDeviceMemoryException}. Nothing is left half done: the next call may go through.
 */
public sealed class OutOfNativeMemoryException extends InferenceException permits OutOfDeviceMemoryException {

    private static final long serialVersionUID = 1L;

    /** Says what failed and why, in one sentence. */
    public OutOfNativeMemoryException(String message) {
        this(message, null);
    }

    /** Says what failed and why, in one sentence, and what caused it. */
    public OutOfNativeMemoryException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
