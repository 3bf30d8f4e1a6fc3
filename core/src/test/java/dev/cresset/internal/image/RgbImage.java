package dev.cresset.internal.image;

/** A whole image: three bytes a pixel, red, green and blue, row by row without gaps. */
public final class RgbImage implements RgbRows {

    private final int width;
    private final int height;
    private final byte[] rgb;

    RgbImage(int width, int height, byte[] rgb) {
        this.width = width;
        this.height = height;
        this.rgb = rgb;
    }

    /** Copies all rows. */
    public static RgbImage of(RgbRows image) {
        int rowBytes = 3 * image.width();
        byte[] rgb = new byte[image.height() * rowBytes];
        byte[] row = new byte[rowBytes];
        for (int y = 0; y < image.height(); y++) {
            image.read(y, 0, image.width(), row);
            System.arraycopy(row, 0, rgb, y * rowBytes, rowBytes);
        }
        return new RgbImage(image.width(), image.height(), rgb);
    }

    /** A part of an image that has been resized. */
    public static RgbImage resized(RgbRows image, ResampleFilter filter, PillowResize.Window window) {
        int columns = window.columns();
        byte[] rgb = new byte[3 * columns * window.rows()];
        new PillowResize().resize(image, filter, window, (y, planes) -> {
            for (int i = 0; i < 3 * columns; i++) {
                rgb[3 * y * columns + i] = (byte) planes[i % 3 * columns + i / 3];
            }
        });
        return new RgbImage(columns, window.rows(), rgb);
    }

    /** A whole image, resized. */
    public static RgbImage resized(RgbRows image, ResampleFilter filter, int width, int height) {
        return resized(image, filter, new PillowResize.Window(width, height, 0, 0, width, height));
    }

    @Override
    public int width() {
        return width;
    }

    @Override
    public int height() {
        return height;
    }

    /** The pixels themselves, not a copy. */
    byte[] rgb() {
        return rgb;
    }

    @Override
    public void read(int y, int x, int count, byte[] row) {
        System.arraycopy(rgb, 3 * (y * width + x), row, 0, 3 * count);
    }
}
