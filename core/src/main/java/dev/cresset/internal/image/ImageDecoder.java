package dev.cresset.internal.image;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * Decodes JPEG and PNG to the pixels that Pillow's {@code Image.open(...).convert("RGB")} gives, bit for bit. As Pillow
 * does, it ignores colour profiles, gamma, EXIF orientation and alpha.
 *
 * <p>The JDK's codecs do the decoding; samples are taken raw where the JDK would convert colours in its own way. An
 * image is refused where the codecs are known to give other pixels than Pillow's: damaged or missing data, which each fills
 * up in its own way. Damage that no decoder notices may come out in other colours on a JDK with libjpeg 6b.
 *
 * <p>Safe for use by several threads.
 */
public final class ImageDecoder {

    /** Where Pillow refuses a picture as a decompression bomb: twice its MAX_IMAGE_PIXELS. */
    public static final long PILLOW_MAX_PIXELS = 178_956_970;

    private final PixelLimit limit;

    public ImageDecoder(long maxPixels) {
        this.limit = new PixelLimit(maxPixels);
    }

    /**
     * Decodes an image.
     *
     * @throws ImageFormatException if it is no JPEG or PNG, damaged, or larger than the limit
     */
    public RgbRows decode(byte[] bytes) throws ImageFormatException {
        try {
            if (startsWith(bytes, 0xff, 0xd8, 0xff)) {
                return JpegDecoder.decode(bytes, limit);
            } else if (startsWith(bytes, 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n')) {
                return PngDecoder.decode(bytes, limit);
            }
        } catch (ImageFormatException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            // The JDK's codecs answer damage with whatever they stumble over.
            throw new ImageFormatException("the image is damaged: " + reason(e), e);
        }
        throw new ImageFormatException("not a JPEG or PNG image: " + describe(bytes));
    }

    private static boolean startsWith(byte[] bytes, int... magic) {
        if (bytes.length < magic.length) {
            return false;
        }
        for (int i = 0; i < magic.length; i++) {
            if ((bytes[i] & 0xff) != magic[i]) {
                return false;
            }
        }
        return true;
    }

    private static String describe(byte[] bytes) {
        if (bytes.length == 0) {
            return "it is empty";
        }
        if (startsWith(bytes, 'G', 'I', 'F', '8')) {
            return "it is a GIF, convert it first";
        } else if (startsWith(bytes, 'B', 'M')) {
            return "it seems to be a BMP, convert it first";
        } else if (startsWith(bytes, 'R', 'I', 'F', 'F')) {
            return "it seems to be a WebP, convert it first";
        }
        StringBuilder start = new StringBuilder();
        for (byte b : new String(bytes, 0, Math.min(8, bytes.length), StandardCharsets.ISO_8859_1)
                .getBytes(StandardCharsets.ISO_8859_1)) {
            start.append(b >= ' ' && b < 0x7f ? Character.toString((char) b) : "\\x%02x".formatted(b));
        }
        return "it starts with '" + start + "' (" + bytes.length + " bytes)";
    }

    private static String reason(Exception e) {
        String message = e.getMessage();
        return message == null ? e.getClass().getSimpleName() : message;
    }
}
