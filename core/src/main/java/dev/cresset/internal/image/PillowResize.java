package dev.cresset.internal.image;

import dev.cresset.engine.RowResampler;
import java.util.Arrays;

/**
 * Pillow's {@code Image.resize(size, filter)} on 8-bit RGB, bit for bit: a filter whose support grows with the reduction, so
 * that nothing between the samples is lost, in two passes, each rounded to bytes. (Pillow, {@code src/libImaging/Resample.c}.)
 *
 * <p>Only a window of the result is computed: every pixel depends on nothing but its own neighbourhood, so a centre crop costs
 * what is inside it. Rows are read in order and leave in order; between the two are only as many as one row of the result
 * depends on, in a ring. Along the rows an engine's code does it, where there is one.
 *
 * <p>Hot path: the memory stays from one image to the next, and the weights as long as sizes stay the same. Used by one
 * thread at a time.
 */
public final class PillowResize {

    private static final int HALF = 1 << (RowResampler.PRECISION_BITS - 1);

    private final ResizeWeights across = new ResizeWeights();
    private final ResizeWeights down = new ResizeWeights();
    private final RowResampler rows = RowResamplers.open(JavaRowResampler::new);
    private byte[] source = {};
    /** Samples as ints, so that the compiler can add whole rows at once. */
    private int[] ring = {};

    private int[] sums = {};
    private int[] ready = {};

    /**
     * What is wanted: a part of an image that has been resized. The whole may be larger than an array: of a very long image
     * resized to its shorter side only the middle is wanted.
     *
     * @param width the whole's
     * @param height the whole's
     * @param left where the part begins
     * @param top where the part begins
     * @param columns how wide the part is
     * @param rows how high the part is
     */
    record Window(long width, long height, long left, long top, int columns, int rows) {}

    /** Takes the result, row by row. */
    interface Sink {
        /**
         * Takes a row.
         *
         * @param y which of the window
         * @param planes samples from 0 to 255: the row's reds, then its greens, then its blues; lent until this returns
         */
        void row(int y, int[] planes);
    }

    /** How much memory this keeps, in bytes. */
    long kept() {
        return source.length
                + 4L * (ring.length + sums.length + ready.length)
                + across.kept()
                + down.kept()
                + rows.kept();
    }

    /** Resizes, and hands the rows of the window to the sink. */
    void resize(RgbRows image, ResampleFilter filter, Window window, Sink sink) {
        if (across.set(filter, image.width(), window.width, window.left, window.columns)) {
            across.setOn(rows);
        }
        down.set(filter, image.height(), window.height, window.top, window.rows);
        boolean columnsFirst = columnsFirst(image, window);
        int samples = 3 * (columnsFirst ? across.span() : window.columns);
        int depth = down.longest();
        int bytes = 3 * across.span();
        source = source.length < bytes ? new byte[bytes] : source;
        ring = atLeast(ring, depth * samples);
        sums = atLeast(sums, samples);
        ready = atLeast(ready, 3 * window.columns);
        int next = 0;
        for (int y = 0; y < window.rows; y++) {
            int end = down.first(y) + down.count(y);
            for (next = Math.max(next, down.first(y)); next < end; next++) {
                image.read(next, across.from(), across.span(), source);
                if (columnsFirst) {
                    widen(source, samples, ring, next % depth * samples);
                } else {
                    rows.resample(source, bytes, ring, next % depth * samples);
                }
            }
            blend(y, depth, samples);
            if (columnsFirst) {
                narrow(sums, samples, source);
                rows.resample(source, bytes, ready, 0);
                sink.row(y, ready);
            } else {
                sink.row(y, sums);
            }
        }
    }

    /** Pillow's choice since 13.0: the other order rounds differently. Before, it always took the rows first. */
    private static boolean columnsFirst(RgbRows image, Window window) {
        return image.height() > window.height && image.height() - window.height > 2 * (image.width() - window.width);
    }

    private static int[] atLeast(int[] array, int length) {
        return array.length < length ? new int[length] : array;
    }

    private static void widen(byte[] in, int count, int[] out, int to) {
        for (int i = 0; i < count; i++) {
            out[to + i] = in[i] & 0xff;
        }
    }

    /** Sums up the rows of the ring that a row of the window depends on. */
    private void blend(int y, int depth, int samples) {
        Arrays.fill(sums, 0, samples, HALF);
        for (int k = 0; k < down.count(y); k++) {
            add(ring, (down.first(y) + k) % depth * samples, down.weight(y, k), sums, samples);
        }
        for (int i = 0; i < samples; i++) {
            sums[i] = clip(sums[i]);
        }
    }

    private static void add(int[] in, int from, int weight, int[] sums, int samples) {
        for (int i = 0; i < samples; i++) {
            sums[i] += in[from + i] * weight;
        }
    }

    /** Sums that are whole samples already, as the bytes that they were summed up from. */
    private static void narrow(int[] in, int count, byte[] out) {
        for (int i = 0; i < count; i++) {
            out[i] = (byte) in[i];
        }
    }

    static int clip(int sum) {
        return Math.max(0, Math.min(255, sum >> RowResampler.PRECISION_BITS));
    }
}
