package dev.cresset.internal.image;

import java.awt.image.Raster;

/**
 * A decoded PNG, as Pillow makes RGB of it: few bits are spread over 0 to 255, of 16 bits the upper eight are taken, alpha is
 * dropped. Only grey of 16 bits is different: Pillow keeps it whole ({@code I;16}) and cuts it off at 255 when it converts.
 * Used by one thread.
 */
public final class PngRows implements RgbRows {

    private final Raster raster;
    private final boolean coloured;
    /** What each value of a sample looks like, for red, green and blue. */
    private final byte[][] colours;

    private final int[] row;

    PngRows(Raster raster, PngFile file) {
        this.raster = raster;
        this.coloured = file.colourType() == 2 || file.colourType() == 6;
        this.colours = colours(file);
        this.row = new int[raster.getWidth() * raster.getNumBands()];
    }

    @Override
    public int width() {
        return raster.getWidth();
    }

    @Override
    public int height() {
        return raster.getHeight();
    }

    @Override
    public void read(int y, int x, int count, byte[] rgb) {
        int bands = raster.getNumBands();
        raster.getPixels(raster.getMinX() + x, raster.getMinY() + y, count, 1, row);
        for (int i = 0; i < count; i++) {
            for (int c = 0; c < 3; c++) {
                rgb[3 * i + c] = colours[c][row[i * bands + (coloured ? c : 0)]];
            }
        }
    }

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
