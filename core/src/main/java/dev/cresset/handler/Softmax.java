package dev.cresset.handler;

/** Scores to probabilities. Computed in double precision, which is nearer to the truth than any order of float32 sums. */
final class Softmax {

    private Softmax() {}

    static float[] of(float[] scores) {
        double largest = Double.NEGATIVE_INFINITY;
        for (float score : scores) {
            largest = Math.max(largest, score);
        }
        double sum = 0;
        double[] powers = new double[scores.length];
        for (int i = 0; i < scores.length; i++) {
            powers[i] = Math.exp(scores[i] - largest);
            sum += powers[i];
        }
        float[] probabilities = new float[scores.length];
        for (int i = 0; i < scores.length; i++) {
            probabilities[i] = (float) (powers[i] / sum);
        }
        return probabilities;
    }
}
