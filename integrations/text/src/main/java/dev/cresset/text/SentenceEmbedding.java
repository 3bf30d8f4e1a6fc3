package dev.cresset.text;

import java.util.Arrays;

/**
 * The vector of a text, and what it cost.
 *
 * @param vector the numbers; the caller's own
 * @param tokens how many tokens the model read, with those that the tokenizer added
 */
public record SentenceEmbedding(float[] vector, int tokens) {

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
