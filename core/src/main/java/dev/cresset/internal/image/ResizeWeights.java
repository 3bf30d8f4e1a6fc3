package dev.cresset.internal.image;

import dev.cresset.engine.RowResampler;

/**
 * For each position of a resized row or column: where its neighbourhood in the image begins, how long it is, and its weights.
 * These are normalised in double precision and then held with 22 fractional bits. (Pillow, {@code Resample.c}, {@code
 * precompute_coeffs}.) They are kept until another size is set. Used by one thread at a time.
 */
public final class ResizeWeights {

    private static final int ONE = 1 << RowResampler.PRECISION_BITS;

    private record Axis(ResampleFilter filter, int in, long out, long from, int positions) {}

    private Axis axis = new Axis(ResampleFilter.BILINEAR, 0, 0, 0, 0);
    private int positions;
    private int longest;
    private int[] kernel = {};
    private int[] firsts = {};
    private int[] counts = {};
    private double[] unrounded = {};

    /**
     * Computes the weights of some positions, unless they are there already; says whether it did.
     *
     * @param in how long the row of the image is
     * @param out how long the resized row is
     * @param from the first position wanted
     * @param wanted how many
     */
    boolean set(ResampleFilter filter, int in, long out, long from, int wanted) {
        Axis asked = new Axis(filter, in, out, from, wanted);
        if (asked.equals(axis)) {
            return false;
        }
        axis = asked;
        positions = wanted;
        if (in == out) {
            identity(Math.toIntExact(from)); // Pillow leaves a pass out that has nothing to do
        } else if (filter == ResampleFilter.NEAREST) {
            nearest((double) in / out, in, from);
        } else {
            weigh(filter, (double) in / out, in, from);
        }
        return true;
    }

    /** How long the longest neighbourhood may be; also how far the weights of two positions are apart. */
    int longest() {
        return longest;
    }

    /** Where the neighbourhood of all positions together begins. */
    int from() {
        return firsts[0];
    }

    /** How long it is. */
    int span() {
        return firsts[positions - 1] + counts[positions - 1] - firsts[0];
    }

    int first(int position) {
        return firsts[position];
    }

    int count(int position) {
        return counts[position];
    }

    int weight(int position, int k) {
        return kernel[position * longest + k];
    }

    /** Has them used for whole rows. */
    void setOn(RowResampler rows) {
        rows.set(positions, from(), firsts, counts, longest, kernel);
    }

    long kept() {
        return 4L * (kernel.length + firsts.length + counts.length) + 8L * unrounded.length;
    }

    private void resize(int most) {
        longest = most;
        kernel = kernel.length < positions * most ? new int[positions * most] : kernel;
        firsts = firsts.length < positions ? new int[positions] : firsts;
        counts = counts.length < positions ? new int[positions] : counts;
    }

    private void identity(int from) {
        resize(1);
        for (int i = 0; i < positions; i++) {
            one(i, from + i);
        }
    }

    private void one(int position, int at) {
        kernel[position] = ONE;
        firsts[position] = at;
        counts[position] = 1;
    }

    /** Where Pillow looks is a sum of steps, with their rounding. ({@code Geometry.c}, {@code ImagingScaleAffine}.) */
    private void nearest(double step, int in, long from) {
        resize(1);
        double at = step * 0.5;
        for (long i = 0; i < from; i++) {
            at += step;
        }
        for (int i = 0; i < positions; i++, at += step) {
            one(i, Math.min((int) at, in - 1));
        }
    }

    private void weigh(ResampleFilter filter, double scale, int in, long from) {
        double stretch = Math.max(scale, 1.0);
        double support = filter.support() * stretch;
        resize((int) Math.ceil(support) * 2 + 1);
        unrounded = unrounded.length < longest ? new double[longest] : unrounded;
        for (int i = 0; i < positions; i++) {
            double centre = (from + i + 0.5) * scale;
            firsts[i] = Math.max(0, (int) (centre - support + 0.5));
            counts[i] = Math.min(in, (int) (centre + support + 0.5)) - firsts[i];
            double sum = 0;
            for (int k = 0; k < counts[i]; k++) {
                unrounded[k] = filter.weight((k + firsts[i] - centre + 0.5) * (1.0 / stretch));
                sum += unrounded[k];
            }
            for (int k = 0; k < counts[i]; k++) {
                double weight = sum == 0 ? unrounded[k] : unrounded[k] / sum;
                kernel[i * longest + k] = (int) (Math.copySign(0.5, weight) + weight * ONE);
            }
        }
    }
}
