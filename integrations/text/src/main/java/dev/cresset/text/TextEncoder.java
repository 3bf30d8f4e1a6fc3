package dev.cresset.text;

import dev.cresset.Inputs;
import dev.cresset.InvalidInputException;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Signature;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import tools.jackson.databind.JsonNode;

/**
 * Turns texts into the inputs of a transformers model: tokens, cut to what the model takes, written where it asks for them
 * by name. Immutable, safe for use by several threads.
 *
 * @param archive what messages call the archive
 * @param tokenizer the archive's
 * @param maxLength the most tokens, with those that the tokenizer adds
 * @param truncation what is done to longer texts
 * @param cutStart whether a text is cut at its start instead of its end
 * @param lengths what lengths texts are filled up to
 * @param padding the token that fills them up, if the archive says which that is
 */
record TextEncoder(
        String archive,
        Tokenizer tokenizer,
        OptionalInt maxLength,
        Truncation truncation,
        boolean cutStart,
        Lengths lengths,
        OptionalInt padding) {

    private static final String CONFIG = "tokenizer_config.json";

    /**
     * What the archive says: its {@code model-config.yaml} first, then what sentence-transformers and transformers wrote beside
     * the tokenizer.
     */
    static TextEncoder of(TextFiles files, HandlerSection section) throws IOException {
        String name = files.name();
        JsonNode config = JsonEntry.read(files, CONFIG);
        OptionalInt maxLength = section.count(TextOption.MAX_LENGTH);
        JsonNode ofSentences =
                JsonEntry.read(files, "sentence_bert_config.json").path("max_seq_length");
        if (maxLength.isEmpty() && ofSentences.isInt()) {
            maxLength = OptionalInt.of(ofSentences.asInt());
        }
        // Where there is no limit, transformers writes 10^30.
        if (maxLength.isEmpty() && config.path("model_max_length").isInt()) {
            maxLength = OptionalInt.of(config.path("model_max_length").asInt());
        }
        boolean cutStart = config.path("truncation_side").asString("right").equals("left");
        Tokenizer tokenizer = Tokenizer.of(files);
        TextEncoder exact = new TextEncoder(
                name,
                tokenizer,
                maxLength,
                truncation(section),
                cutStart,
                Lengths.EXACT,
                padding(files, tokenizer, config));
        OptionalInt padTo = section.count(TextOption.PAD_TO_MULTIPLE_OF);
        return padTo.isEmpty() ? exact : exact.withLengths(Lengths.multipleOf(padTo.getAsInt()));
    }

    /** The token that fills texts up: by its text beside the tokenizer, or by its number beside the model. */
    private static OptionalInt padding(TextFiles files, Tokenizer tokenizer, JsonNode config) throws IOException {
        JsonNode token = config.path("pad_token");
        String text = token.isObject() ? token.path("content").asString("") : token.asString("");
        OptionalInt number = text.isEmpty() ? OptionalInt.empty() : tokenizer.number(text);
        if (number.isPresent()) {
            return number;
        }
        JsonNode ofModel = JsonEntry.read(files, "config.json").path("pad_token_id");
        return ofModel.isInt() ? OptionalInt.of(ofModel.asInt()) : OptionalInt.empty();
    }

    /** As transformers takes it: true, false, or a name. */
    private static Truncation truncation(HandlerSection section) {
        if (section.is(TextOption.TRUNCATION, true)) {
            return Truncation.LONGEST_FIRST;
        } else if (section.is(TextOption.TRUNCATION, false)) {
            return Truncation.DO_NOT_TRUNCATE;
        }
        return section.choice(TextOption.TRUNCATION, Truncation.class).orElse(Truncation.LONGEST_FIRST);
    }

    TextEncoder withMaxLength(int tokens) {
        if (tokens < 1) {
            throw new IllegalArgumentException("the most tokens must be at least 1, not " + tokens);
        }
        return new TextEncoder(archive, tokenizer, OptionalInt.of(tokens), truncation, cutStart, lengths, padding);
    }

    TextEncoder withTruncation(Truncation what) {
        return new TextEncoder(archive, tokenizer, maxLength, what, cutStart, lengths, padding);
    }

    TextEncoder withLengths(Lengths filledUp) {
        return new TextEncoder(archive, tokenizer, maxLength, truncation, cutStart, filledUp, padding);
    }

    /** What a length is filled up to; never more than the model takes. */
    int padded(int length) {
        int full = lengths.fill(length);
        return maxLength.isEmpty() ? full : Math.max(length, Math.min(full, maxLength.getAsInt()));
    }

    Encoding encode(TextRequest request) {
        checkUnicode(request.text());
        if (request.pair() != null) {
            checkUnicode(request.pair());
        }
        Encoding all = tokenizer.encode(request.text(), request.pair());
        if (all.size() == 0) {
            throw new InvalidInputException(archive + ": the text has no tokens, the model needs at least one");
        }
        if (maxLength.isEmpty() || all.size() <= maxLength.getAsInt()) {
            return all;
        }
        int[] keep = truncation.keep(all.count(0), all.count(1), maxLength.getAsInt() - all.count(Encoding.ADDED));
        if (keep == null) {
            throw new InvalidInputException(archive + ": the text has " + all.size() + " tokens, expected at most "
                    + maxLength.getAsInt()
                    + (truncation == Truncation.DO_NOT_TRUNCATE
                            ? "; a Truncation other than DO_NOT_TRUNCATE cuts it off"
                            : ", and " + truncation + " cannot cut off enough"));
        }
        return all.cut(keep[0], keep[1], cutStart);
    }

    /** How many tokens a text has, uncut, without those that the tokenizer adds. */
    int countTokens(String text) {
        checkUnicode(text);
        return tokenizer.encode(text, null).count(0);
    }

    private void checkUnicode(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(c)) {
                throw new InvalidInputException(
                        archive + ": the text has half a character, a surrogate without its other half, at index " + i);
            }
        }
    }

    /** Writes what the model asks for, in its order, and returns what the text came to. */
    Encoding write(TextRequest request, Inputs inputs) {
        return write(encode(request), inputs);
    }

    /** Writes what a text came to. */
    Encoding write(Encoding encoding, Inputs inputs) {
        return write(filled(encoding), inputs);
    }

    /** This encoder, with lengths that let texts share batches, unless some were asked for. */
    TextEncoder inBuckets() {
        return lengths.equals(Lengths.EXACT) ? withLengths(Lengths.BUCKETS) : this;
    }

    /** What a text came to, with the length that it is filled up to where it comes alone. */
    FilledEncoding filled(Encoding encoding) {
        return new FilledEncoding(encoding, padded(encoding.size()));
    }

    Encoding write(FilledEncoding filled, Inputs inputs) {
        Encoding encoding = filled.tokens();
        List<Signature.Parameter> parameters = inputs.parameters();
        if (parameters.isEmpty()) {
            throw new IllegalStateException("the model has no inputs; a text model takes input_ids");
        }
        int length = filled.length();
        if (length > encoding.size()) {
            if (lengths.required()) {
                checkPadding(parameters);
            } else if (padding.isEmpty() || !takesMask(parameters)) {
                length = encoding.size();
            }
        }
        for (Signature.Parameter parameter : parameters) {
            switch (parameter.name()) {
                case "input_ids" -> put(inputs, filled(encoding.ids(), length, padding.orElse(0)));
                case "attention_mask" -> put(inputs, filled(ones(encoding.size()), length, 0));
                case "token_type_ids" -> put(inputs, filled(encoding.types(), length, 0));
                default -> {
                    if (parameter.optional()) {
                        return encoding;
                    }
                    throw new IllegalStateException(
                            "the model takes '" + parameter.name() + "' in " + parameters
                                    + "; expected only input_ids, attention_mask and token_type_ids: export it with those names");
                }
            }
        }
        return encoding;
    }

    /** Without these, the tokens that fill a text up would change its answer. */
    private void checkPadding(List<Signature.Parameter> parameters) {
        if (padding.isEmpty()) {
            throw new IllegalStateException(
                    archive + ": texts are to be filled up to a multiple of " + lengths.multiple()
                            + " tokens (pad_to_multiple_of), but neither pad_token in tokenizer_config.json nor pad_token_id in config.json says with"
                            + " which");
        }
        if (!takesMask(parameters)) {
            throw new IllegalStateException(
                    archive + ": texts are to be filled up to a multiple of " + lengths.multiple()
                            + " tokens (pad_to_multiple_of), but the model takes no attention_mask that would tell it so: it takes "
                            + parameters);
        }
    }

    private static boolean takesMask(List<Signature.Parameter> parameters) {
        return parameters.stream().anyMatch(parameter -> parameter.name().equals("attention_mask"));
    }

    private static long[] filled(long[] values, int length, int with) {
        if (values.length == length) {
            return values;
        }
        long[] filled = Arrays.copyOf(values, length);
        Arrays.fill(filled, values.length, length, with);
        return filled;
    }

    private static void put(Inputs inputs, long[] values) {
        inputs.tensor(DataType.INT64, values.length).asLongBuffer().put(values);
    }

    private static long[] ones(int count) {
        long[] ones = new long[count];
        Arrays.fill(ones, 1);
        return ones;
    }
}
