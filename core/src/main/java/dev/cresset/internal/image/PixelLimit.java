package dev.cresset.internal.image;

/**
 * How large a picture may be: a few bytes can say that they are a picture of gigabytes.
 *
 * @param maxPixels width times height
 */
record PixelLimit(long maxPixels) {

    void check(long width, long height) throws ImageFormatException {
        if (width * height > maxPixels) {
            throw new ImageFormatException(
                    "the image has " + width + " x " + height + " pixels, more than the limit of " + maxPixels);
        }
    }
}
