package dev.cresset;

import org.jspecify.annotations.Nullable;

/**
 * A device that was asked for in code, or by a property, cannot be used in this process: the message says which, and what is missing. Nothing
 * was loaded.
 */
public final class DeviceUnavailableException extends InferenceException {

    private static final long serialVersionUID = 1L;

    /** Says what failed and why, in one sentence. */
    public DeviceUnavailableException(String message) {
        this(message, null);
    }

    /** Says what failed and why, in one sentence, and what caused it. */
    public DeviceUnavailableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
