package dev.cresset.text;

/**
 * What lengths texts are filled up to, so that those of different lengths can share a batch.
 *
 * @param multiple a multiple of so many tokens
 * @param growing whether long texts are filled up to larger multiples, so that there are few lengths
 * @param required whether a model that cannot have it is refused; else its texts are left as they are
 */
record Lengths(int multiple, boolean growing, boolean required) {

    static final Lengths EXACT = new Lengths(1, false, false);

    /** So few that batches fill, so many that few tokens are for nothing: 32 up to 512 tokens. */
    static final Lengths BUCKETS = new Lengths(8, true, false);

    static Lengths multipleOf(int tokens) {
        if (tokens < 1) {
            throw new IllegalArgumentException("lengths are filled up to a multiple of at least 1, not " + tokens);
        }
        return new Lengths(tokens, false, true);
    }

    int fill(int length) {
        int step = multiple;
        if (growing) {
            // Above 128 by 16, above 256 by 32, and so on: an eighth of the length at most.
            for (int limit = 16 * multiple; length > limit; limit *= 2) {
                step *= 2;
            }
        }
        return (length + step - 1) / step * step;
    }
}
