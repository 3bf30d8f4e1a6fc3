package dev.cresset.handler;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;

/**
 * From a PNG's samples to RGB as Pillow does it: few bits are spread over 0 to 255, of 16 bits the upper eight are taken,
 * alpha is dropped. Only grey of 16 bits is different: Pillow keeps it whole ({@code I;16}) and cuts it off at 255 when it
 * converts.
 */
final class PngColours {

    private PngColours() {}

    static RgbImage toRgb(BufferedImage image, PngHeader header) {
        Raster raster = image.getRaster();
        int width = raster.getWidth();
        int height = raster.getHeight();
        int bands = raster.getNumBands();
        byte[] rgb = new byte[Math.multiplyExact(3, Math.multiplyExact(width, height))];
        int[] row = new int[width * bands];
        byte[][] colours = colours(image, header);
        boolean coloured = header.colourType() == 2 || header.colourType() == 6;
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
    private static byte[][] colours(BufferedImage image, PngHeader header) {
        byte[][] colours = new byte[3][Math.max(256, 1 << header.bitDepth())];
        if (header.colourType() == 3) {
            IndexColorModel palette = (IndexColorModel) image.getColorModel();
            palette.getReds(colours[0]);
            palette.getGreens(colours[1]);
            palette.getBlues(colours[2]);
            return colours;
        }
        int values = 1 << header.bitDepth();
        for (int value = 0; value < values; value++) {
            byte seen = (byte) seen(value, header);
            colours[0][value] = seen;
            colours[1][value] = seen;
            colours[2][value] = seen;
        }
        return colours;
    }

    private static int seen(int value, PngHeader header) {
        if (header.bitDepth() == 16) {
            return header.colourType() == 0 ? Math.min(255, value) : value >> 8;
        }
        return value * 255 / ((1 << header.bitDepth()) - 1);
    }
}
