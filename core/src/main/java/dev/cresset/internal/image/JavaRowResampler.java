package dev.cresset.internal.image;

import dev.cresset.engine.RowResampler;

/** Resamples where no engine does. Hot path: allocates nothing as long as sizes stay the same. */
public final class JavaRowResampler implements RowResampler {

    private static final int HALF = 1 << (PRECISION_BITS - 1);

    private int positions;
    private int longest;
    private int[] starts = {};
    private int[] ends = {};
    private int[] kernel = {};

    @Override
    public void set(int positions, int from, int[] firsts, int[] counts, int longest, int[] weights) {
        this.positions = positions;
        this.longest = longest;
        starts = starts.length < positions ? new int[positions] : starts;
        ends = ends.length < positions ? new int[positions] : ends;
        kernel = kernel.length < positions * longest ? new int[positions * longest] : kernel;
        System.arraycopy(weights, 0, kernel, 0, positions * longest);
        for (int x = 0; x < positions; x++) {
            starts[x] = 3 * (firsts[x] - from);
            ends[x] = x * longest + counts[x];
        }
    }

    @Override
    public void resample(byte[] rgb, int length, int[] out, int to) {
        for (int x = 0; x < positions; x++) {
            int from = starts[x];
            int end = ends[x];
            int red = HALF;
            int green = HALF;
            int blue = HALF;
            for (int k = x * longest; k < end; k++, from += 3) {
                int weight = kernel[k];
                red += (rgb[from] & 0xff) * weight;
                green += (rgb[from + 1] & 0xff) * weight;
                blue += (rgb[from + 2] & 0xff) * weight;
            }
            out[to + x] = PillowResize.clip(red);
            out[to + positions + x] = PillowResize.clip(green);
            out[to + 2 * positions + x] = PillowResize.clip(blue);
        }
    }

    @Override
    public long kept() {
        return 4L * (starts.length + ends.length + kernel.length);
    }
}
