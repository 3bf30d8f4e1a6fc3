package dev.cresset.handler;

import java.awt.image.Raster;

/**
 * From a PNG's samples to RGB as Pillow does it: few bits are spread over 0 to 255, of 16 bits the upper eight are taken,
 * alpha is dropped. Only grey of 16 bits is different: Pillow keeps it whole ({@code I;16}) and cuts it off at 255 when it
 * converts.
 */
final class PngColours {

    private PngColours() {}

    static RgbImage toRgb(Raster raster, PngFile file) {
        int width = raster.getWidth();
        int height = raster.getHeight();
        int bands = raster.getNumBands();
        byte[] rgb = new byte[Math.multiplyExact(3, Math.multiplyExact(width, height))];
        int[] row = new int[width * bands];
        byte[][] colours = colours(file);
        boolean coloured = file.colourType() == 2 || file.colourType() == 6;
        for (int y = 0; y < height; y++) {
            raster.getPixels(raster.getMinX(), raster.getMinY() + y, width, 1, row);
            int to = y * width * 3;
            for (int x = 0; x < width; x++) {
                for (int c = 0; c < 3; c++) {
                    int sample = row[x * bands + (coloured ? c : 0)];
                    rgb[to + 3 * x + c] = colours[c][sample];
                }
            }
        }
        return new RgbImage(width, height, rgb);
    }

    /** What each value of a sample looks like, for red, green and blue. */
    private static byte[][] colours(PngFile file) {
        if (file.colourType() == 3) {
            return new byte[][] {file.palette(0), file.palette(1), file.palette(2)};
        }
        byte[] seen = new byte[1 << file.bitDepth()];
        for (int value = 0; value < seen.length; value++) {
            seen[value] = (byte) seen(value, file);
        }
        return new byte[][] {seen, seen, seen};
    }

    private static int seen(int value, PngFile file) {
        if (file.bitDepth() == 16) {
            return file.colourType() == 0 ? Math.min(255, value) : value >> 8;
        }
        return value * 255 / ((1 << file.bitDepth()) - 1);
    }
}
