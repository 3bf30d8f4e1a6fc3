package dev.cresset.text;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * How a handler of texts reads them and what it answers, where it is not to be transformers' way. An archive says it in the
 * section {@code handler} of its {@code model-config.yaml}, under the names in brackets; what is set here comes last:
 *
 * <pre>{@code
 * TextEmbedder.of(archive, TextOptions.builder().pooling(Pooling.CLS).normalize(true).build())
 * }</pre>
 *
 * <p>Immutable, safe for use by several threads. A handler refuses an option that it does not have.
 */
public final class TextOptions {

    private static final TextOptions NONE = builder().build();

    private final Map<TextOption, Object> values;

    private TextOptions(Builder builder) {
        this.values = new EnumMap<>(TextOption.class);
        values.putAll(builder.values);
    }

    /** Nothing is set: the archive's settings count, and transformers' defaults. */
    public static TextOptions none() {
        return NONE;
    }

    /** Starts with nothing set. */
    public static Builder builder() {
        return new Builder();
    }

    /** Refuses what a handler does not have. */
    void requireAmong(String handler, Set<TextOption> known) {
        for (TextOption set : values.keySet()) {
            if (!known.contains(set)) {
                throw new IllegalArgumentException(set + " is no option of " + handler + ", expected one of " + known);
            }
        }
    }

    /** What is set of an option. */
    <V> Optional<V> get(TextOption option, Class<V> type) {
        return Optional.ofNullable(values.get(option)).map(type::cast);
    }

    /** How texts are read, with what is set of that. */
    TextEncoder applyTo(TextEncoder encoder) {
        TextEncoder changed = encoder;
        changed = get(TextOption.MAX_LENGTH, Integer.class)
                .map(changed::withMaxLength)
                .orElse(changed);
        changed = get(TextOption.TRUNCATION, Truncation.class)
                .map(changed::withTruncation)
                .orElse(changed);
        return get(TextOption.PAD_TO_MULTIPLE_OF, Integer.class)
                .map(Lengths::multipleOf)
                .map(changed::withLengths)
                .orElse(changed);
    }

    /** The labels to leave out, if they are set. */
    @SuppressWarnings("unchecked") // it is a list of strings that was put there
    Optional<List<String>> ignoredLabels() {
        return Optional.ofNullable((List<String>) values.get(TextOption.IGNORE_LABELS));
    }

    /**
     * Collects what is set. Each method throws an {@link IllegalArgumentException} for a value out of range. Not safe for use by
     * several threads.
     */
    public static final class Builder {
        private final Map<TextOption, Object> values = new EnumMap<>(TextOption.class);

        private Builder() {}

        /** The most tokens, those that the tokenizer adds included ({@code max_length}); the tokenizer's own limit. */
        public Builder maxLength(int tokens) {
            return with(TextOption.MAX_LENGTH, positive("maxLength", tokens));
        }

        /** What becomes of longer texts ({@code truncation}); the longest of two is cut first. */
        public Builder truncation(Truncation truncation) {
            return with(TextOption.TRUNCATION, truncation);
        }

        /**
         * Fills texts up to a multiple of so many tokens, so that texts of different lengths can share a batch ({@code
         * pad_to_multiple_of}). The model must take an {@code attention_mask}, and the archive say which token fills up; answers then
         * differ by rounding only.
         */
        public Builder padToMultipleOf(int tokens) {
            return with(TextOption.PAD_TO_MULTIPLE_OF, positive("padToMultipleOf", tokens));
        }

        /** How a sequence classifier makes scores of the model's numbers ({@code function_to_apply}); as transformers does. */
        public Builder functionToApply(ScoreFunction function) {
            return with(TextOption.FUNCTION_TO_APPLY, function);
        }

        /** How many classes a sequence classifier answers with at most ({@code top_k}); all. */
        public Builder topK(int classes) {
            return with(TextOption.TOP_K, positive("topK", classes));
        }

        /** What classifiers leave out: answers with a lower score ({@code threshold}); nothing. */
        public Builder threshold(double lowest) {
            return with(TextOption.THRESHOLD, lowest);
        }

        /** How an embedder makes one vector of its tokens' ({@code pooling}); by their mean. */
        public Builder pooling(Pooling pooling) {
            return with(TextOption.POOLING, pooling);
        }

        /** Whether an embedder's vectors get the length 1 ({@code normalize}); they do not. */
        public Builder normalize(boolean toLengthOne) {
            return with(TextOption.NORMALIZE, toLengthOne);
        }

        /**
         * How many of its vectors' numbers an embedder keeps, the first ones ({@code truncate_dim}); all. For models that were
         * trained for it (Matryoshka). With {@link #normalize} what is left gets the length 1.
         */
        public Builder truncateDim(int numbers) {
            return with(TextOption.TRUNCATE_DIM, positive("truncateDim", numbers));
        }

        /**
         * What an embedder puts before a text that is searched with ({@code query_prefix}): {@code "query: "} for E5; what
         * sentence-transformers saved as the prompt {@code query}, or nothing.
         */
        public Builder queryPrefix(String prefix) {
            return with(TextOption.QUERY_PREFIX, prefix);
        }

        /**
         * What an embedder puts before a text that is searched ({@code document_prefix}): {@code "passage: "} for E5; what
         * sentence-transformers saved as the prompt {@code document} or {@code passage}, or nothing.
         */
        public Builder documentPrefix(String prefix) {
            return with(TextOption.DOCUMENT_PREFIX, prefix);
        }

        /** How a token classifier puts tokens together ({@code aggregation_strategy}); words, simply. */
        public Builder aggregation(Aggregation aggregation) {
            return with(TextOption.AGGREGATION_STRATEGY, aggregation);
        }

        /** The labels that a token classifier leaves out ({@code ignore_labels}); {@code O}. */
        public Builder ignoredLabels(List<String> labels) {
            return with(TextOption.IGNORE_LABELS, List.copyOf(labels));
        }

        private static int positive(String what, int value) {
            if (value < 1) {
                throw new IllegalArgumentException(what + " is " + value + ", it must be at least 1");
            }
            return value;
        }

        private Builder with(TextOption option, Object value) {
            values.put(option, Objects.requireNonNull(value, option.toString()));
            return this;
        }

        /** The options. */
        public TextOptions build() {
            return new TextOptions(this);
        }
    }
}
