package dev.cresset.engine;

/**
 * Makes rows of pixels longer or shorter: each position of the new row is a weighted sum of its neighbourhood in the old one.
 * It is what resizing an image spends its time in. Integers all the way, so that every implementation gives the same: sums of
 * bytes times weights, of which the fractional bits are rounded off, halves upwards, and what is beyond 0 to 255 is cut off.
 *
 * <p>Used by one thread at a time; the garbage collector frees it.
 */
public interface RowResampler {

    /** The fractional bits of a weight. */
    int PRECISION_BITS = 22;

    /**
     * Sets what the positions of all rows to come are sums of. The arrays are lent, and may be longer than needed.
     *
     * @param positions how many there are
     * @param from the pixel of the old row that the samples given begin with, no later than any neighbourhood does
     * @param firsts for each position, the first pixel of its neighbourhood
     * @param counts for each position, how many pixels its neighbourhood has
     * @param longest how many it has at most; also how far the weights of two positions are apart
     * @param weights with {@link #PRECISION_BITS}, each below 16
     */
    void set(int positions, int from, int[] firsts, int[] counts, int longest, int[] weights);

    /**
     * Resamples a row.
     *
     * @param rgb samples of the old row, three bytes a pixel
     * @param length how many bytes of it there are
     * @param out takes the new row: all reds, then all greens, then all blues, from 0 to 255
     * @param to where in {@code out} the reds begin
     * @throws RuntimeException if a neighbourhood reaches beyond the samples, or {@code out} is too short
     */
    void resample(byte[] rgb, int length, int[] out, int to);

    /** How much memory it keeps between rows, in bytes. */
    long kept();
}
