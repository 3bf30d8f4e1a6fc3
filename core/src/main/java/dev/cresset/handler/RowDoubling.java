package dev.cresset.handler;

import java.awt.image.Raster;

/**
 * Brings a component of half the image's height to the full one, as libjpeg-turbo does: every row is three quarters its own
 * and one quarter the nearer neighbour, rounded down on upper rows and up on lower ones ({@code jdsample.c}, {@code
 * h1v2_fancy_upsample}). libjpeg 6b, which most JDKs hold, gives each row twice instead; some JDKs are built with
 * libjpeg-turbo and have done it already.
 */
final class RowDoubling {

    private RowDoubling() {}

    /** One component of the image, row by row. */
    static byte[] smooth(Raster raster, int band) {
        int width = raster.getWidth();
        int height = raster.getHeight();
        int[] samples = raster.getSamples(raster.getMinX(), raster.getMinY(), width, height, band, (int[]) null);
        // Smoothed rows come in equal pairs only where smoothing leaves every row as it is, so that once more does no
        // harm.
        boolean smooth = !inPairs(samples, width, height);
        byte[] plane = new byte[samples.length];
        for (int y = 0; y < height; y++) {
            int row = y - y % 2;
            int near = y % 2 == 0 ? Math.max(0, row - 2) : row + 2 < height ? row + 2 : row;
            int rounding = y % 2 == 0 ? 1 : 2;
            for (int x = 0; x < width; x++) {
                int own = samples[row * width + x];
                plane[y * width + x] = (byte)
                        (smooth ? samples[y * width + x] : (3 * own + samples[near * width + x] + rounding) >> 2);
            }
        }
        return plane;
    }

    private static boolean inPairs(int[] samples, int width, int height) {
        for (int y = 0; y + 1 < height; y += 2) {
            for (int x = 0; x < width; x++) {
                if (samples[y * width + x] != samples[(y + 1) * width + x]) {
                    return false;
                }
            }
        }
        return true;
    }
}
