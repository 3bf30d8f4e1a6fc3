package dev.cresset.handler;

import java.util.Arrays;

/**
 * Pillow's {@code Image.resize(size, filter)} on 8-bit RGB, bit for bit: a filter whose support grows with the reduction, so that nothing between the samples is lost, in two passes, each rounded to bytes. The weights are
 * normalised in double precision and then held with 22 fractional bits. (Pillow, {@code src/libImaging/Resample.c}.)
 *
 * <p>Only a window of the result is computed: every pixel depends on nothing but its own neighbourhood, so a centre crop costs
 * what is inside it. Safe for use by several threads.
 */
final class PillowResize {

    private static final int PRECISION_BITS = 32 - 8 - 2;
    private static final int HALF = 1 << (PRECISION_BITS - 1);

    private PillowResize() {}

    /** The whole image, resized. */
    static RgbImage resize(RgbImage image, Interpolation filter, int width, int height) {
        return resize(image, filter, width, height, 0, 0, width, height);
    }

    /**
     * The part of the resized image that begins at {@code left}, {@code top} and is {@code cropWidth} x {@code cropHeight}.
     * The whole may be larger than an array: of a very long image resized to its shorter side only the middle is wanted.
     */
    static RgbImage resize(
            RgbImage image,
            Interpolation filter,
            long width,
            long height,
            long left,
            long top,
            int cropWidth,
            int cropHeight) {
        Weights horizontal = Weights.of(filter, image.width(), width, left, cropWidth);
        Weights vertical = Weights.of(filter, image.height(), height, top, cropHeight);
        byte[] resized = columnsFirst(image, width, height)
                ? resizeRows(
                        resizeColumns(
                                image.rgb(), image.width() * 3, horizontal.from(), horizontal.span(), vertical, 0),
                        horizontal.span(),
                        horizontal,
                        horizontal.from(),
                        0,
                        cropHeight)
                : resizeColumns(
                        resizeRows(image.rgb(), image.width(), horizontal, 0, vertical.from(), vertical.span()),
                        cropWidth * 3,
                        0,
                        cropWidth,
                        vertical,
                        vertical.from());
        return new RgbImage(cropWidth, cropHeight, resized);
    }

    /** Pillow's choice since 13.0: the other order rounds differently. Before, it always took the rows first. */
    private static boolean columnsFirst(RgbImage image, long width, long height) {
        return image.height() > height && image.height() - height > 2 * (image.width() - width);
    }

    /**
     * Resizes some rows, to the positions of the weights.
     *
     * @param inWidth how many pixels a row has
     * @param inLeft which pixel the rows begin with
     */
    private static byte[] resizeRows(byte[] in, int inWidth, Weights weights, int inLeft, int firstRow, int rows) {
        int width = weights.positions();
        byte[] out = new byte[rows * width * 3];
        int[] kernel = weights.kernel;
        for (int y = 0; y < rows; y++) {
            int row = (firstRow + y) * inWidth * 3;
            int to = y * width * 3;
            for (int x = 0; x < width; x++) {
                int from = row + (weights.first(x) - inLeft) * 3;
                int k = x * weights.size;
                int end = k + weights.count(x);
                int red = HALF;
                int green = HALF;
                int blue = HALF;
                for (; k < end; k++, from += 3) {
                    int weight = kernel[k];
                    red += (in[from] & 0xff) * weight;
                    green += (in[from + 1] & 0xff) * weight;
                    blue += (in[from + 2] & 0xff) * weight;
                }
                out[to + 3 * x] = clip(red);
                out[to + 3 * x + 1] = clip(green);
                out[to + 3 * x + 2] = clip(blue);
            }
        }
        return out;
    }

    /**
     * Resizes some columns, to the positions of the weights.
     *
     * @param stride how many bytes a row has
     * @param firstColumn the first pixel to take of each row
     * @param columns how many to take
     * @param inTop which row the bytes begin with
     */
    private static byte[] resizeColumns(
            byte[] in, int stride, int firstColumn, int columns, Weights weights, int inTop) {
        int rowBytes = columns * 3;
        byte[] out = new byte[weights.positions() * rowBytes];
        int[] sums = new int[rowBytes];
        for (int y = 0; y < weights.positions(); y++) {
            Arrays.fill(sums, HALF);
            for (int k = 0; k < weights.count(y); k++) {
                int weight = weights.kernel[y * weights.size + k];
                int from = (weights.first(y) + k - inTop) * stride + firstColumn * 3;
                for (int i = 0; i < rowBytes; i++) {
                    sums[i] += (in[from + i] & 0xff) * weight;
                }
            }
            int to = y * rowBytes;
            for (int i = 0; i < rowBytes; i++) {
                out[to + i] = clip(sums[i]);
            }
        }
        return out;
    }

    private static byte clip(int sum) {
        return (byte) Math.max(0, Math.min(255, sum >> PRECISION_BITS));
    }

    /** For each position of the result along one axis: where its neighbourhood begins, how long it is, and its weights. */
    private static final class Weights {
        final int size;
        final int[] kernel;
        private final int[] firsts;
        private final int[] counts;

        private Weights(int positions, int size) {
            this.size = size;
            this.kernel = new int[positions * size];
            this.firsts = new int[positions];
            this.counts = new int[positions];
        }

        int positions() {
            return firsts.length;
        }

        /** Where the neighbourhood of all positions together begins. */
        int from() {
            return firsts[0];
        }

        /** How long it is. */
        int span() {
            int last = firsts.length - 1;
            return firsts[last] + counts[last] - firsts[0];
        }

        int first(int position) {
            return firsts[position];
        }

        int count(int position) {
            return counts[position];
        }

        static Weights of(Interpolation filter, int in, long out, long from, int positions) {
            if (in == out) {
                return identity(Math.toIntExact(from), positions); // Pillow leaves a pass out that has nothing to do
            } else if (filter == Interpolation.NEAREST) {
                return nearest(in, out, from, positions);
            }
            double scale = (double) in / out;
            double stretch = Math.max(scale, 1.0);
            double support = filter.support() * stretch;
            Weights weights = new Weights(positions, (int) Math.ceil(support) * 2 + 1);
            double[] kernel = new double[weights.size];
            for (int i = 0; i < positions; i++) {
                double centre = (from + i + 0.5) * scale;
                int first = Math.max(0, (int) (centre - support + 0.5));
                int count = Math.min(in, (int) (centre + support + 0.5)) - first;
                double sum = 0;
                for (int k = 0; k < count; k++) {
                    kernel[k] = filter.weight((k + first - centre + 0.5) * (1.0 / stretch));
                    sum += kernel[k];
                }
                for (int k = 0; k < count; k++) {
                    double weight = sum == 0 ? kernel[k] : kernel[k] / sum;
                    weights.kernel[i * weights.size + k] =
                            (int) (Math.copySign(0.5, weight) + weight * (1 << PRECISION_BITS));
                }
                weights.firsts[i] = first;
                weights.counts[i] = count;
            }
            return weights;
        }

        /** Where Pillow looks is a sum of steps, with their rounding. ({@code Geometry.c}, {@code ImagingScaleAffine}.) */
        private static Weights nearest(int in, long out, long from, int positions) {
            double step = (double) in / out;
            double at = step * 0.5;
            for (long i = 0; i < from; i++) {
                at += step;
            }
            Weights weights = identity(0, positions);
            for (int i = 0; i < positions; i++, at += step) {
                weights.firsts[i] = Math.min((int) at, in - 1);
            }
            return weights;
        }

        private static Weights identity(int from, int positions) {
            Weights weights = new Weights(positions, 1);
            for (int i = 0; i < positions; i++) {
                weights.kernel[i] = 1 << PRECISION_BITS;
                weights.firsts[i] = from + i;
                weights.counts[i] = 1;
            }
            return weights;
        }
    }
}
