package dev.cresset;

import org.jspecify.annotations.Nullable;

/**
 * There was not enough memory on a device for a call or a model: the message says how much was asked for, and how much is free. Nothing is
 * left half done: the next call may go through.
 */
public final class OutOfDeviceMemoryException extends OutOfNativeMemoryException {

    private static final long serialVersionUID = 1L;

    /** Says what failed and why, in one sentence. */
    public OutOfDeviceMemoryException(String message) {
        this(message, null);
    }

    /** Says what failed and why, in one sentence, and what caused it. */
    public OutOfDeviceMemoryException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
