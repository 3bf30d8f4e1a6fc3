package dev.cresset.handler;

import javax.imageio.ImageReader;
import javax.imageio.event.IIOReadWarningListener;
import org.jspecify.annotations.Nullable;

/**
 * Hears of what the JDK's codecs only warn of: an image that ends early, which they fill up with grey. Pillow refuses it, and
 * so do we. Used for one image.
 */
final class Truncation implements IIOReadWarningListener {

    private @Nullable String warning;

    @Override
    public void warningOccurred(ImageReader source, String text) {
        String lower = text.toLowerCase(java.util.Locale.ROOT);
        if (lower.contains("premature") || lower.contains("truncated") || lower.contains("corrupt")) {
            warning = text;
        }
    }

    void check() throws ImageFormatException {
        if (warning != null) {
            throw new ImageFormatException("the image is damaged: " + warning);
        }
    }
}
