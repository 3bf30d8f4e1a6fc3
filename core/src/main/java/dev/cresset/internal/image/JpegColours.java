package dev.cresset.internal.image;

/**
 * From a JPEG's samples to RGB, in the integer arithmetic of libjpeg ({@code jdcolor.c}: 16 fractional bits, rounded) and,
 * for four components, of Pillow ({@code Convert.c}, {@code cmyk2rgb}).
 */
public final class JpegColours {

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

    /** Converts pixels from an index on in an array to the start of another. Hot path: allocates nothing. */
    static void convert(byte[] samples, int from, byte[] rgb, int count, JpegHeader.Colours colours) {
        switch (colours) {
            case RGB -> System.arraycopy(samples, from, rgb, 0, 3 * count);
            case GREY -> grey(samples, from, rgb, count);
            case YCBCR -> yCbCr(samples, from, rgb, count);
            case CMYK -> cmyk(samples, from, rgb, count);
            case YCCK -> ycck(samples, from, rgb, count);
        }
    }

    private static void grey(byte[] samples, int from, byte[] rgb, int count) {
        for (int i = 0; i < count; i++) {
            byte grey = samples[from + i];
            rgb[3 * i] = grey;
            rgb[3 * i + 1] = grey;
            rgb[3 * i + 2] = grey;
        }
    }

    private static void yCbCr(byte[] samples, int from, byte[] rgb, int count) {
        for (int i = 0; i < 3 * count; i += 3) {
            int y = samples[from + i] & 0xff;
            int cb = samples[from + i + 1] & 0xff;
            int cr = samples[from + i + 2] & 0xff;
            rgb[i] = clip(y + CR_TO_R[cr]);
            rgb[i + 1] = clip(y + ((CB_TO_G[cb] + CR_TO_G[cr]) >> 16));
            rgb[i + 2] = clip(y + CB_TO_B[cb]);
        }
    }

    /** Pillow takes every JPEG of four components to have Adobe's inverted inks, and drops the black into the others. */
    private static void cmyk(byte[] samples, int from, byte[] rgb, int count) {
        for (int i = 0; i < count; i++) {
            int light = samples[from + 4 * i + 3] & 0xff; // 255 less the black ink, twice inverted
            for (int c = 0; c < 3; c++) {
                rgb[3 * i + c] = lit(255 - (samples[from + 4 * i + c] & 0xff), light);
            }
        }
    }

    /** The inks, written as RGB, went through YCbCr. */
    private static void ycck(byte[] samples, int from, byte[] rgb, int count) {
        for (int i = 0; i < count; i++) {
            int at = from + 4 * i;
            int y = samples[at] & 0xff;
            int cb = samples[at + 1] & 0xff;
            int cr = samples[at + 2] & 0xff;
            int light = samples[at + 3] & 0xff;
            rgb[3 * i] = lit(clip(y + CR_TO_R[cr]) & 0xff, light);
            rgb[3 * i + 1] = lit(clip(y + ((CB_TO_G[cb] + CR_TO_G[cr]) >> 16)) & 0xff, light);
            rgb[3 * i + 2] = lit(clip(y + CB_TO_B[cb]) & 0xff, light);
        }
    }

    private static byte lit(int ink, int light) {
        int product = ink * light + 128;
        return clip(light - (((product >> 8) + product) >> 8));
    }

    private static int fixed(double factor) {
        return (int) (factor * 65536 + 0.5);
    }

    private static byte clip(int value) {
        return (byte) Math.max(0, Math.min(255, value));
    }
}
