package dev.cresset.handler;

/** A decoded image: three bytes a pixel, red, green and blue, row by row without gaps. */
final class RgbImage {

    private final int width;
    private final int height;
    private final byte[] rgb;

    RgbImage(int width, int height, byte[] rgb) {
        this.width = width;
        this.height = height;
        this.rgb = rgb;
    }

    int width() {
        return width;
    }

    int height() {
        return height;
    }

    /** The pixels themselves, not a copy. */
    byte[] rgb() {
        return rgb;
    }
}
