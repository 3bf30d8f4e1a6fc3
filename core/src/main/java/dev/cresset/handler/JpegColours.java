package dev.cresset.handler;

import java.awt.image.Raster;

/**
 * From a JPEG's samples to RGB, in the integer arithmetic of libjpeg ({@code jdcolor.c}: 16 fractional bits, rounded) and,
 * for four components, of Pillow ({@code Convert.c}, {@code cmyk2rgb}).
 */
final class JpegColours {

    private static final int[] CR_TO_R = new int[256];
    private static final int[] CB_TO_B = new int[256];
    private static final int[] CR_TO_G = new int[256];
    private static final int[] CB_TO_G = new int[256];

    static {
        for (int i = 0; i < 256; i++) {
            int x = i - 128;
            CR_TO_R[i] = (fixed(1.40200) * x + 32768) >> 16;
            CB_TO_B[i] = (fixed(1.77200) * x + 32768) >> 16;
            CR_TO_G[i] = -fixed(0.71414) * x;
            CB_TO_G[i] = -fixed(0.34414) * x + 32768;
        }
    }

    private JpegColours() {}

    static RgbImage toRgb(Raster raster, JpegHeader header) {
        int width = raster.getWidth();
        int height = raster.getHeight();
        int bands = raster.getNumBands();
        byte[] rgb = new byte[Math.multiplyExact(3, Math.multiplyExact(width, height))];
        byte[] row = new byte[width * bands];
        byte[][] smooth = smooth(raster, header);
        for (int y = 0; y < height; y++) {
            raster.getDataElements(raster.getMinX(), raster.getMinY() + y, width, 1, row);
            for (int c = 0; c < bands; c++) {
                for (int x = 0; x < width && smooth[c].length > 0; x++) {
                    row[x * bands + c] = smooth[c][y * width + x];
                }
            }
            convert(row, rgb, y * width * 3, width, header.colours());
        }
        return new RgbImage(width, height, rgb);
    }

    /** The components that are not to be taken from the raster as they are; the others are empty. */
    private static byte[][] smooth(Raster raster, JpegHeader header) {
        byte[][] smooth = new byte[raster.getNumBands()][0];
        for (int c = 0; c < smooth.length; c++) {
            if (header.hasHalfHeight(c)) {
                smooth[c] = RowDoubling.smooth(raster, c);
            }
        }
        return smooth;
    }

    private static void convert(byte[] row, byte[] rgb, int to, int width, JpegHeader.Colours colours) {
        switch (colours) {
            case RGB -> System.arraycopy(row, 0, rgb, to, 3 * width);
            case GREY -> grey(row, rgb, to, width);
            case YCBCR -> yCbCr(row, rgb, to, width);
            case CMYK -> cmyk(row, rgb, to, width, /* luminance= */ false);
            case YCCK -> cmyk(row, rgb, to, width, /* luminance= */ true);
        }
    }

    private static void grey(byte[] row, byte[] rgb, int to, int width) {
        for (int x = 0; x < width; x++) {
            rgb[to + 3 * x] = row[x];
            rgb[to + 3 * x + 1] = row[x];
            rgb[to + 3 * x + 2] = row[x];
        }
    }

    private static void yCbCr(byte[] row, byte[] rgb, int to, int width) {
        for (int i = 0; i < 3 * width; i += 3) {
            int y = row[i] & 0xff;
            int cb = row[i + 1] & 0xff;
            int cr = row[i + 2] & 0xff;
            rgb[to + i] = clip(y + CR_TO_R[cr]);
            rgb[to + i + 1] = clip(y + ((CB_TO_G[cb] + CR_TO_G[cr]) >> 16));
            rgb[to + i + 2] = clip(y + CB_TO_B[cb]);
        }
    }

    /** Pillow takes every JPEG of four components to have Adobe's inverted inks, and drops the black into the others. */
    private static void cmyk(byte[] row, byte[] rgb, int to, int width, boolean luminance) {
        byte[] inks = row;
        if (luminance) {
            inks = new byte[4 * width];
            byte[] triple = new byte[3];
            byte[] converted = new byte[3];
            for (int x = 0; x < width; x++) {
                System.arraycopy(row, 4 * x, triple, 0, 3);
                yCbCr(triple, converted, 0, 1);
                for (int c = 0; c < 3; c++) {
                    inks[4 * x + c] = (byte) (255 - (converted[c] & 0xff));
                }
                inks[4 * x + 3] = row[4 * x + 3];
            }
        }
        for (int x = 0; x < width; x++) {
            int light = inks[4 * x + 3] & 0xff; // 255 less the black ink, twice inverted
            for (int c = 0; c < 3; c++) {
                int product = (255 - (inks[4 * x + c] & 0xff)) * light + 128;
                rgb[to + 3 * x + c] = clip(light - (((product >> 8) + product) >> 8));
            }
        }
    }

    private static int fixed(double factor) {
        return (int) (factor * 65536 + 0.5);
    }

    private static byte clip(int value) {
        return (byte) Math.max(0, Math.min(255, value));
    }
}
