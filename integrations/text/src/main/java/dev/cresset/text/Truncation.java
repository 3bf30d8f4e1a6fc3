package dev.cresset.text;

import org.jspecify.annotations.Nullable;

/** What is done to a text with more tokens than a model takes. The names are transformers'. */
public enum Truncation {
    /** Nothing: the text is refused. */
    DO_NOT_TRUNCATE,
    /** The end is cut off; of two texts, that of the longer one, until both are equally long. */
    LONGEST_FIRST,
    /** The end of the first text is cut off. */
    ONLY_FIRST,
    /** The end of the second text is cut off. */
    ONLY_SECOND;

    /**
     * How many tokens are kept of each text.
     *
     * @param first how many the first has
     * @param second how many the second has
     * @param room how many there may be in all, fewer than there are
     * @return null if that cannot be had
     */
    int @Nullable [] keep(int first, int second, int room) {
        int over = first + second - room;
        return switch (this) {
            case DO_NOT_TRUNCATE -> null;
            case ONLY_FIRST -> first < over ? null : new int[] {first - over, second};
            case ONLY_SECOND -> second < over ? null : new int[] {first, second - over};
            case LONGEST_FIRST -> {
                if (room < 0) {
                    yield null;
                }
                int shorter = Math.min(first, second);
                int longer = room - shorter;
                if (longer < shorter) {
                    // Both are too long. An odd token is left to the longer one, and to the second of two that are
                    // equal.
                    shorter = room / 2;
                    longer = room - shorter;
                }
                yield first > second ? new int[] {longer, shorter} : new int[] {shorter, longer};
            }
        };
    }
}
