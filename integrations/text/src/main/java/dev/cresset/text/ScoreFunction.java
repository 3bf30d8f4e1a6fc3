package dev.cresset.text;

/** How the numbers that a model answers with become scores. The names are those of transformers' {@code function_to_apply}. */
public enum ScoreFunction {
    /** Probabilities of labels that exclude each other: they add up to 1. */
    SOFTMAX,
    /** Probabilities of labels that have nothing to do with each other. */
    SIGMOID,
    /** The numbers as they are. */
    NONE;

    /** Replaces a stretch of numbers by their scores, computed in double precision. */
    void apply(float[] logits, int from, int to) {
        if (this == SOFTMAX) {
            softmax(logits, from, to);
        } else if (this == SIGMOID) {
            for (int i = from; i < to; i++) {
                logits[i] = (float) (1 / (1 + Math.exp(-logits[i])));
            }
        }
    }

    private static void softmax(float[] logits, int from, int to) {
        double largest = Double.NEGATIVE_INFINITY;
        for (int i = from; i < to; i++) {
            largest = Math.max(largest, logits[i]);
        }
        double sum = 0;
        for (int i = from; i < to; i++) {
            sum += Math.exp(logits[i] - largest);
        }
        for (int i = from; i < to; i++) {
            logits[i] = (float) (Math.exp(logits[i] - largest) / sum);
        }
    }
}
