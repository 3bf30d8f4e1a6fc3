package dev.cresset.internal.image;

import java.awt.Transparency;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.IOException;
import java.util.Iterator;
import java.util.Optional;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;
import javax.imageio.spi.IIORegistry;
import javax.imageio.spi.ImageReaderSpi;
import javax.imageio.stream.ImageInputStream;

/**
 * The JDK's own codecs, asked for by name: a codec that an application adds would come first otherwise, and has other pixels.
 * Instances are safe for use by several threads, the readers they open are not.
 */
public final class JdkCodec {

    static final JdkCodec JPEG = new JdkCodec("com.sun.imageio.plugins.jpeg.JPEGImageReaderSpi");
    static final JdkCodec PNG = new JdkCodec("com.sun.imageio.plugins.png.PNGImageReaderSpi");

    private static final ColorModel RGB = new ComponentColorModel(
            ColorSpace.getInstance(ColorSpace.CS_sRGB), false, false, Transparency.OPAQUE, DataBuffer.TYPE_BYTE);

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

    /** Reads a JPEG as red, green and blue, in this order: so the codec's rows are copied as they are. */
    static Raster readRgb(ImageReader jpeg) throws IOException {
        WritableRaster rgb = RGB.createCompatibleWritableRaster(jpeg.getWidth(0), jpeg.getHeight(0));
        ImageReadParam into = new ImageReadParam();
        into.setDestination(new BufferedImage(RGB, rgb, /* isRasterPremultiplied= */ false, null));
        jpeg.read(0, into);
        return rgb;
    }
}
