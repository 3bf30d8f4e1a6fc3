package dev.cresset.handler;

import java.io.IOException;
import java.util.Iterator;
import java.util.Optional;
import javax.imageio.ImageReader;
import javax.imageio.spi.IIORegistry;
import javax.imageio.spi.ImageReaderSpi;
import javax.imageio.stream.ImageInputStream;

/**
 * The JDK's own codecs, asked for by name: a codec that an application adds would come first otherwise, and has other pixels.
 * Instances are safe for use by several threads, the readers they open are not.
 */
final class JdkCodec {

    static final JdkCodec JPEG = new JdkCodec("com.sun.imageio.plugins.jpeg.JPEGImageReaderSpi");
    static final JdkCodec PNG = new JdkCodec("com.sun.imageio.plugins.png.PNGImageReaderSpi");

    private final String provider;
    private final Optional<ImageReaderSpi> found;

    private JdkCodec(String provider) {
        this.provider = provider;
        this.found = find(provider);
    }

    /** Looked up once: an application may change the registry while others decode. */
    private static Optional<ImageReaderSpi> find(String provider) {
        Iterator<ImageReaderSpi> all =
                IIORegistry.getDefaultInstance().getServiceProviders(ImageReaderSpi.class, /* useOrdering= */ false);
        while (all.hasNext()) {
            ImageReaderSpi one = all.next();
            if (one.getClass().getName().equals(provider)) {
                return Optional.of(one);
            }
        }
        return Optional.empty();
    }

    /**
     * A reader of one image, without its metadata; the caller disposes of it.
     *
     * @throws ImageFormatException if the Java runtime has no such codec
     */
    ImageReader open(ImageInputStream image) throws IOException {
        if (found.isEmpty()) {
            throw new ImageFormatException("the image cannot be decoded: this Java runtime has no " + provider);
        }
        ImageReader reader = found.get().createReaderInstance();
        reader.setInput(image, /* seekForwardOnly= */ true, /* ignoreMetadata= */ true);
        return reader;
    }
}
