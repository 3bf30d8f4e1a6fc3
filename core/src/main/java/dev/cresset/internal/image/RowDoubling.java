package dev.cresset.internal.image;

/**
 * Brings a component of half the image's height to the full one, as libjpeg-turbo does: every row is three quarters its own
 * and one quarter the nearer neighbour, rounded down on upper rows and up on lower ones ({@code jdsample.c}, {@code
 * h1v2_fancy_upsample}). libjpeg 6b, which most JDKs hold, gives each row twice instead; some JDKs are built with
 * libjpeg-turbo and have done it already.
 */
public final class RowDoubling {

    private RowDoubling() {}

    /**
     * Whether each row is there twice, so that it is to be smoothed. Smoothed rows come in equal pairs only where smoothing
     * leaves every row as it is, so that once more does no harm.
     *
     * @param at where the component begins
     * @param step from one of its samples to the next in the row
     * @param stride from one row to the next
     */
    static boolean isPlain(byte[] samples, int at, int step, int stride, int width, int height) {
        for (int y = 0; y + 1 < height; y += 2) {
            for (int x = 0; x < width; x++) {
                int upper = at + y * stride + x * step;
                if (samples[upper] != samples[upper + stride]) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Writes a smoothed row of the component, in the same steps, to another array. */
    static void smooth(
            byte[] samples, int at, int step, int stride, int y, int height, byte[] out, int outAt, int count) {
        int row = y - y % 2;
        int near = y % 2 == 0 ? Math.max(0, row - 2) : row + 2 < height ? row + 2 : row;
        int rounding = y % 2 == 0 ? 1 : 2;
        for (int x = 0; x < count; x++) {
            int own = samples[at + row * stride + x * step] & 0xff;
            int other = samples[at + near * stride + x * step] & 0xff;
            out[outAt + x * step] = (byte) ((3 * own + other + rounding) >> 2);
        }
    }
}
