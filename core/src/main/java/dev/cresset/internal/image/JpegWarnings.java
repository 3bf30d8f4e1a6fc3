package dev.cresset.internal.image;

import java.util.Locale;
import javax.imageio.ImageReader;
import javax.imageio.event.IIOReadWarningListener;
import org.jspecify.annotations.Nullable;

/**
 * Hears of what the JDK's JPEG codec only warns of: an image that ends early or has damaged data, which it fills up with
 * grey. That is refused. Stray bytes between segments are harmless; many cameras write them. Used for one image.
 */
public final class JpegWarnings implements IIOReadWarningListener {

    private @Nullable String damage;

    @Override
    public void warningOccurred(ImageReader source, String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        boolean stray = lower.contains("extraneous bytes");
        if (!stray && (lower.contains("corrupt") || lower.contains("premature") || lower.contains("truncated"))) {
            damage = text;
        }
    }

    void check() throws ImageFormatException {
        if (damage != null) {
            throw new ImageFormatException("the image is damaged: " + damage);
        }
    }
}
