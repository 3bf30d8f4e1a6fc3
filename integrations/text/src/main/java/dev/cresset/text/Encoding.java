package dev.cresset.text;

import java.util.Arrays;
import java.util.stream.IntStream;

/** What a tokenizer made of a text: tokens, in order. Immutable. */
final class Encoding {

    /** What {@link #sequence} says of a token that the tokenizer added. */
    static final int ADDED = -1;

    private final long[] ids;
    private final long[] types;
    private final int[] sequences;
    private final int[] starts;
    private final int[] ends;

    /** Keeps the arrays, which are equally long. */
    Encoding(long[] ids, long[] types, int[] sequences, int[] starts, int[] ends) {
        this.ids = ids;
        this.types = types;
        this.sequences = sequences;
        this.starts = starts;
        this.ends = ends;
    }

    int size() {
        return ids.length;
    }

    /** The tokens' numbers. */
    long[] ids() {
        return ids.clone();
    }

    /** For each token 0, or 1 where it belongs to the second of two texts. */
    long[] types() {
        return types.clone();
    }

    /** Which text a token is of: 0 or 1, or {@link #ADDED}. */
    int sequence(int token) {
        return sequences[token];
    }

    /** Where in its text a token starts, in code points. */
    int start(int token) {
        return starts[token];
    }

    /** Where it ends. */
    int end(int token) {
        return ends[token];
    }

    /** How many tokens are of a text, or {@link #ADDED}. */
    int count(int sequence) {
        return (int) Arrays.stream(sequences).filter(s -> s == sequence).count();
    }

    /** This encoding with fewer tokens of each text: the first ones, or the last ones. */
    Encoding cut(int first, int second, boolean fromStart) {
        int[] take = {first, second};
        int[] skip = {fromStart ? count(0) - first : 0, fromStart ? count(1) - second : 0};
        int[] seen = new int[2];
        IntStream.Builder kept = IntStream.builder();
        for (int token = 0; token < ids.length; token++) {
            int of = sequences[token];
            if (of == ADDED) {
                kept.add(token);
                continue;
            }
            if (seen[of] >= skip[of] && seen[of] < skip[of] + take[of]) {
                kept.add(token);
            }
            seen[of]++;
        }
        int[] tokens = kept.build().toArray();
        return new Encoding(
                pick(ids, tokens),
                pick(types, tokens),
                pick(sequences, tokens),
                pick(starts, tokens),
                pick(ends, tokens));
    }

    private static long[] pick(long[] values, int[] places) {
        return Arrays.stream(places).mapToLong(i -> values[i]).toArray();
    }

    private static int[] pick(int[] values, int[] places) {
        return Arrays.stream(places).map(i -> values[i]).toArray();
    }
}
