package dev.cresset.text;

import dev.cresset.ModelLoadException;
import java.io.IOException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * How a text becomes a vector, beside what its model computes. What the caller's options say comes first, then the archive's
 * {@code model-config.yaml}, then the files that sentence-transformers saved.
 *
 * @param pooling how tokens' vectors become one
 * @param normalized whether vectors get the length 1
 * @param truncateDim how many numbers are kept
 * @param queryPrefix what is put before a query
 * @param documentPrefix what is put before a document
 * @param lowerCase whether texts are put into small letters first
 * @param unpooled why the vectors of tokens are not enough; null if they are
 */
record EmbedderSettings(
        Pooling pooling,
        boolean normalized,
        OptionalInt truncateDim,
        String queryPrefix,
        String documentPrefix,
        boolean lowerCase,
        @Nullable String unpooled) {

    static EmbedderSettings of(TextFiles files, HandlerSection section, TextOptions options) throws IOException {
        JsonNode modules = JsonEntry.read(files, "modules.json");
        JsonNode prompts =
                JsonEntry.read(files, "config_sentence_transformers.json").path("prompts");
        boolean normalizes = false;
        String unpooled = null;
        Optional<Pooling> pooling = options.get(TextOption.POOLING, Pooling.class)
                .or(() -> section.choice(TextOption.POOLING, Pooling.class));
        for (JsonNode module : modules) {
            String type = module.path("type").asString("");
            if (type.endsWith("Normalize")) {
                normalizes = true;
            } else if (type.endsWith("Pooling") && pooling.isEmpty()) {
                String file = module.path("path").asString("1_Pooling") + "/config.json";
                pooling = pooling(files, file, JsonEntry.read(files, file));
            } else if (!type.endsWith("Transformer") && !type.endsWith("Pooling") && !type.endsWith("Dropout")) {
                unpooled = files.name() + ": modules.json has " + type
                        + ", which is not computed here; export the whole sentence-transformer, so that it is in the graph";
            }
        }
        int truncateDim = options.get(TextOption.TRUNCATE_DIM, Integer.class)
                .orElse(section.count(TextOption.TRUNCATE_DIM).orElse(0));
        return new EmbedderSettings(
                pooling.orElse(Pooling.MEAN),
                options.get(TextOption.NORMALIZE, Boolean.class)
                        .orElse(section.flag(TextOption.NORMALIZE).orElse(normalizes)),
                truncateDim == 0 ? OptionalInt.empty() : OptionalInt.of(truncateDim),
                options.get(TextOption.QUERY_PREFIX, String.class)
                        .orElse(section.text(TextOption.QUERY_PREFIX)
                                .orElse(prompts.path("query").asString(""))),
                options.get(TextOption.DOCUMENT_PREFIX, String.class)
                        .orElse(section.text(TextOption.DOCUMENT_PREFIX).orElse(documentPrompt(prompts))),
                JsonEntry.read(files, "sentence_bert_config.json")
                        .path("do_lower_case")
                        .asBoolean(false),
                unpooled);
    }

    /** It has gone by two names; sentence-transformers writes an empty one under the newer where nobody set it. */
    private static String documentPrompt(JsonNode prompts) {
        String document = prompts.path("document").asString("");
        return document.isEmpty() ? prompts.path("passage").asString("") : document;
    }

    /** What sentence-transformers' module says of its one way; several, whose vectors are put one behind the other, are refused. */
    private static Optional<Pooling> pooling(TextFiles files, String file, JsonNode config) {
        if (!config.path("include_prompt").asBoolean(true)) {
            throw new ModelLoadException(files.name() + ": " + file
                    + ": include_prompt is false, but prompts are pooled with their texts here; export the whole"
                    + " sentence-transformer, so that pooling is in the graph, and set a pooling");
        }
        if (config.path("pooling_mode").isString()) {
            return Optional.of(named(files, file, config.path("pooling_mode").asString()));
        }
        Optional<Pooling> found = Optional.empty();
        for (String key : config.propertyNames()) {
            if (key.startsWith("pooling_mode_") && config.path(key).asBoolean(false)) {
                if (found.isPresent()) {
                    throw new ModelLoadException(
                            files.name() + ": " + file + " has several ways of pooling, " + found.get()
                                    + " and " + key
                                    + ", but one is computed here; export the whole sentence-transformer, so that"
                                    + " pooling is in the graph, and set a pooling");
                }
                found = Optional.of(named(files, file, key.substring("pooling_mode_".length())));
            }
        }
        return found;
    }

    private static Pooling named(TextFiles files, String file, String mode) {
        return switch (mode) {
            case "mean", "mean_tokens" -> Pooling.MEAN;
            case "cls", "cls_token" -> Pooling.CLS;
            case "max", "max_tokens" -> Pooling.MAX;
            case "mean_sqrt_len_tokens" -> Pooling.MEAN_SQRT_LEN;
            case "weightedmean", "weightedmean_tokens" -> Pooling.WEIGHTED_MEAN;
            case "lasttoken" -> Pooling.LAST_TOKEN;
            default ->
                throw new ModelLoadException(files.name() + ": " + file + ": the pooling '" + mode
                        + "' is not known here; set one of " + Arrays.toString(Pooling.values()));
        };
    }

    /** The text that is encoded. */
    String text(String text, @Nullable InputType type) {
        String whole = type == null ? text : (type == InputType.QUERY ? queryPrefix : documentPrefix) + text;
        return lowerCase ? whole.toLowerCase(Locale.ROOT) : whole;
    }
}
