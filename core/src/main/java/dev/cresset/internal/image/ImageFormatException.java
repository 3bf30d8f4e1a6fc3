package dev.cresset.internal.image;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Bytes that are no image, or none that can be decoded; the message says what they are instead. */
public final class ImageFormatException extends IOException {

    private static final long serialVersionUID = 1L;

    ImageFormatException(String message) {
        super(message);
    }

    ImageFormatException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
