package dev.cresset.handler;

import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** An option's name in an archive, and what it may be. */
enum ImageOption {
    TOP_K("a whole number from 1"),
    THRESHOLD("a number from 0 to 1"),
    RESIZE("a whole number from 1 to 10000"),
    CROP("a whole number from 1 to 10000"),
    MEAN("three numbers, for red, green and blue"),
    STD("three numbers other than 0, for red, green and blue"),
    INTERPOLATION("one of " + Arrays.toString(Interpolation.values()).toLowerCase(Locale.ROOT)),
    LABELS("the name of a file in the archive"),
    MAX_PIXELS("a whole number from 1");

    static final int MOST_PIXELS_A_SIDE = 10_000;

    private final String expected;

    ImageOption(String expected) {
        this.expected = expected;
    }

    IllegalArgumentException wrong(@Nullable Object value) {
        return new IllegalArgumentException(this + " is " + value + ", expected " + expected);
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
