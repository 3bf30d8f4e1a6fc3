package dev.cresset.text;

import java.util.Locale;

/** What can be set of handlers of texts, by the name that it has in an archive's settings. */
enum TextOption {
    MAX_LENGTH,
    TRUNCATION,
    PAD_TO_MULTIPLE_OF,
    FUNCTION_TO_APPLY,
    TOP_K,
    THRESHOLD,
    POOLING,
    NORMALIZE,
    TRUNCATE_DIM,
    QUERY_PREFIX,
    DOCUMENT_PREFIX,
    AGGREGATION_STRATEGY,
    IGNORE_LABELS;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
