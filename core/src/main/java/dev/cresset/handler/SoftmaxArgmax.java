package dev.cresset.handler;

import dev.cresset.tensor.Tensor;
import java.util.Arrays;

/**
 * Softmax over the classes at each pixel, and the largest of it. Summed in double precision, as in {@link Softmax}. Of
 * classes that are equally likely as float32 the first wins, as in {@code torch.max}.
 */
final class SoftmaxArgmax {

    private SoftmaxArgmax() {}

    /** The likeliest class at each pixel of a tensor of classes, height and width. */
    static Segmentation of(Tensor scores) {
        long[] shape = scores.shape();
        int classes = Math.toIntExact(shape[0]);
        int pixels = Math.toIntExact(shape[1] * shape[2]);
        float[] all = scores.toFloatArray();
        float[] largest = new float[pixels];
        Arrays.fill(largest, Float.NEGATIVE_INFINITY);
        for (int c = 0; c < classes; c++) {
            for (int i = 0; i < pixels; i++) {
                largest[i] = Math.max(largest[i], all[c * pixels + i]);
            }
        }
        int[] likeliest = new int[pixels];
        Arrays.fill(likeliest, classes);
        double[] sums = new double[pixels];
        for (int c = 0; c < classes; c++) {
            for (int i = 0; i < pixels; i++) {
                double power = Math.exp((double) all[c * pixels + i] - largest[i]);
                sums[i] += power;
                if ((float) power == 1f) {
                    likeliest[i] = Math.min(likeliest[i], c);
                }
            }
        }
        float[] probabilities = new float[pixels];
        for (int i = 0; i < pixels; i++) {
            probabilities[i] = (float) (1 / sums[i]);
            // Where a score is no number no probability is one, and the first counts as the largest.
            likeliest[i] = likeliest[i] == classes ? 0 : likeliest[i];
        }
        return new Segmentation(Math.toIntExact(shape[1]), Math.toIntExact(shape[2]), likeliest, probabilities);
    }
}
