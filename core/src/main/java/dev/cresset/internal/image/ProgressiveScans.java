package dev.cresset.internal.image;

import java.util.Arrays;

/**
 * Whether a progressive JPEG has all its scans. Where low frequencies are missing, decoders guess them from the
 * neighbourhood, and libjpeg guesses otherwise than libjpeg-turbo, with which Pillow is built; so such an image is refused
 * rather than answered for with other pixels. (ITU-T T.81, G.1; libjpeg-turbo, {@code jdcoefct.c}, {@code smoothing_ok}.)
 */
public final class ProgressiveScans {

    /** The frequencies that the guessing looks at, in zigzag order, the first excluded. */
    private static final int LAST = 9;

    private static final int UNKNOWN = -1;

    private ProgressiveScans() {}

    /**
     * Reads the scans from the first on.
     *
     * @param ids the components' names, in the order of the frame
     */
    static void checkComplete(JpegMarkers scan, int[] ids) throws ImageFormatException {
        int[][] missingBits = new int[ids.length][LAST + 1];
        for (int[] component : missingBits) {
            Arrays.fill(component, UNKNOWN);
        }
        do {
            if (scan.marker() == 0xda) {
                note(scan, ids, missingBits);
            }
        } while (scan.next());
        for (int[] component : missingBits) {
            for (int k = 1; k <= LAST; k++) {
                if (component[k] != 0) {
                    throw new ImageFormatException(
                            "the image is damaged: a progressive JPEG that lacks some of its scans");
                }
            }
        }
    }

    private static void note(JpegMarkers scan, int[] ids, int[][] missingBits) throws ImageFormatException {
        int components = scan.u8(0);
        int from = scan.u8(1 + 2 * components);
        int to = Math.min(LAST, scan.u8(2 + 2 * components));
        int bits = scan.u8(3 + 2 * components) & 0xf;
        for (int i = 0; i < components; i++) {
            for (int c = 0; c < ids.length; c++) {
                for (int k = from; k <= to && ids[c] == scan.u8(1 + 2 * i); k++) {
                    missingBits[c][k] = bits;
                }
            }
        }
    }
}
