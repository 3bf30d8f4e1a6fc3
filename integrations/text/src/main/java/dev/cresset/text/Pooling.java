package dev.cresset.text;

/**
 * How the vectors of a text's tokens become one vector. All that sentence-transformers has; tokens that fill a text up to its
 * batch's length count in none.
 */
public enum Pooling {
    /** Their mean. */
    MEAN,
    /** That of the first token, which is {@code [CLS]} or {@code <s>} for most models. */
    CLS,
    /** Of each number the largest. */
    MAX,
    /** Their sum, divided by the square root of how many they are. */
    MEAN_SQRT_LEN,
    /** Their mean, where the first counts once, the second twice, and so on: for models that read from left to right. */
    WEIGHTED_MEAN,
    /** That of the last token, which has seen all others in models that read from left to right. */
    LAST_TOKEN;

    /**
     * One vector of several.
     *
     * @param tokens vectors, one behind the other
     * @param count how many of them count, at least one
     * @param width how long each is
     */
    float[] pool(float[] tokens, int count, int width) {
        float[] vector = new float[width];
        switch (this) {
            case CLS -> System.arraycopy(tokens, 0, vector, 0, width);
            case LAST_TOKEN -> System.arraycopy(tokens, (count - 1) * width, vector, 0, width);
            case MAX -> largest(tokens, count, vector);
            case MEAN -> sum(tokens, count, count, /* weighted= */ false, vector);
            case MEAN_SQRT_LEN -> sum(tokens, count, Math.sqrt(count), /* weighted= */ false, vector);
            case WEIGHTED_MEAN -> sum(tokens, count, count * (count + 1L) / 2.0, /* weighted= */ true, vector);
        }
        return vector;
    }

    private static void largest(float[] tokens, int count, float[] vector) {
        int width = vector.length;
        System.arraycopy(tokens, 0, vector, 0, width);
        for (int token = 1; token < count; token++) {
            for (int i = 0; i < width; i++) {
                vector[i] = Math.max(vector[i], tokens[token * width + i]);
            }
        }
    }

    private static void sum(float[] tokens, int count, double divisor, boolean weighted, float[] vector) {
        int width = vector.length;
        double[] sums = new double[width];
        for (int token = 0; token < count; token++) {
            double weight = weighted ? token + 1 : 1;
            for (int i = 0; i < width; i++) {
                sums[i] += weight * tokens[token * width + i];
            }
        }
        for (int i = 0; i < width; i++) {
            vector[i] = (float) (sums[i] / divisor);
        }
    }
}
