package dev.cresset;

import org.jspecify.annotations.Nullable;

/**
 * A device has failed for good, as a GPU does after a bad access to its memory: nothing that is on it can be computed any more in this process.
 * All its models refuse from then on; those on other devices go on.
 */
public final class DeviceFailedException extends InferenceException {

    private static final long serialVersionUID = 1L;

    /** Says what failed and why, in one sentence. */
    public DeviceFailedException(String message) {
        this(message, null);
    }

    /** Says what failed and why, in one sentence, and what caused it. */
    public DeviceFailedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
