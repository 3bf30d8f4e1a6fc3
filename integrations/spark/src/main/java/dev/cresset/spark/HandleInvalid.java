package dev.cresset.spark;

import java.util.Arrays;
import java.util.Locale;

/** What becomes of a row that cannot be scored; Spark ML's names. A failure that is not the row's fails the task in any case. */
public enum HandleInvalid {
    /** It fails the job, with its reason. */
    ERROR,
    /** It is left out. */
    SKIP,
    /** It is kept, its answer is null, and the error column, if there is one, says why. */
    KEEP;

    /** As Spark ML writes it: {@code error}, {@code skip}, {@code keep}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    static HandleInvalid of(String text) {
        return Arrays.stream(values())
                .filter(one -> one.text().equals(text))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "handleInvalid is '" + text + "', it must be one of error, skip, keep"));
    }
}
