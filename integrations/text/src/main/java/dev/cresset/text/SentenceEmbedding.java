package dev.cresset.text;

import java.util.Arrays;

/** The vector of a text, and what it cost. The vector is the caller's own. Safe for use by several threads that only read it. */
public final class SentenceEmbedding {

    private final float[] vector;
    private final int tokens;

    SentenceEmbedding(float[] vector, int tokens) {
        this.vector = vector;
        this.tokens = tokens;
    }

    /** The numbers, not copied. */
    public float[] vector() {
        return vector;
    }

    /** How many tokens the model read, with those that the tokenizer added. */
    public int tokens() {
        return tokens;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SentenceEmbedding that && tokens == that.tokens && Arrays.equals(vector, that.vector);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(vector) + tokens;
    }

    @Override
    public String toString() {
        return vector.length + " numbers of " + tokens + " tokens";
    }
}
