package dev.cresset.text;

import dev.cresset.Answer;
import dev.cresset.Handler;
import dev.cresset.Inputs;
import dev.cresset.handler.PythonJson;
import dev.cresset.mar.ModelArchive;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds names and the like in a text: a token classification model of transformers. A text in, what was found out, in the
 * text's order.
 *
 * <p>The archive holds {@code tokenizer.json} and, for the labels, {@code config.json} or {@code index_to_name.json}. In the
 * {@code handler} section of its {@code model-config.yaml} may stand {@code max_length}, {@code truncation}, {@code pad_to_multiple_of}, {@code
 * aggregation_strategy} ({@code simple}, the default, or {@code none}), {@code ignore_labels} ({@code ["O"]} by default) and
 * {@code threshold}; {@link TextOptions} set the same. Texts are cut at the tokenizer's {@code model_max_length} unless something
 * else is said.
 *
 * <p>A text that the model cannot take is a {@link dev.cresset.InvalidInputException}. Immutable, safe for use by several
 * threads.
 */
public final class TokenClassifier implements Handler<String, List<Entity>> {

    private static final Set<TextOption> OPTIONS = EnumSet.of(
            TextOption.MAX_LENGTH,
            TextOption.TRUNCATION,
            TextOption.PAD_TO_MULTIPLE_OF,
            TextOption.AGGREGATION_STRATEGY,
            TextOption.THRESHOLD,
            TextOption.IGNORE_LABELS);

    private final TextEncoder encoder;
    private final Labels labels;
    private final Aggregation aggregation;
    private final List<String> ignored;
    private final double threshold;

    private TokenClassifier(
            TextEncoder encoder, Labels labels, Aggregation aggregation, List<String> ignored, double threshold) {
        this.encoder = encoder;
        this.labels = labels;
        this.aggregation = aggregation;
        this.ignored = List.copyOf(ignored);
        this.threshold = threshold;
    }

    /**
     * A classifier with the tokenizer, the labels and the settings of an archive.
     *
     * @throws IOException if the archive cannot be read, or lacks {@code tokenizer.json}
     * @throws dev.cresset.ModelLoadException if it has a setting wrong, or there are no tokenizers for this platform
     */
    public static TokenClassifier of(ModelArchive archive) throws IOException {
        return of(archive, TextOptions.none());
    }

    /**
     * A classifier as {@link #of(ModelArchive)} opens it, with options of the caller's over those of the archive.
     *
     * @throws IOException as there
     * @throws IllegalArgumentException for an option that it does not have
     */
    public static TokenClassifier of(ModelArchive archive, TextOptions options) throws IOException {
        options.requireAmong("TokenClassifier", OPTIONS);
        TextFiles files = TextFiles.of(archive);
        HandlerSection section = HandlerSection.of(files, "TokenClassifier", OPTIONS);
        return new TokenClassifier(
                options.applyTo(TextEncoder.of(files, section)),
                Labels.of(files, JsonEntry.read(files, "config.json")),
                options.get(TextOption.AGGREGATION_STRATEGY, Aggregation.class)
                        .orElse(section.choice(TextOption.AGGREGATION_STRATEGY, Aggregation.class)
                                .orElse(Aggregation.SIMPLE)),
                options.ignoredLabels()
                        .orElse(section.strings(TextOption.IGNORE_LABELS).orElse(List.of("O"))),
                options.get(TextOption.THRESHOLD, Double.class)
                        .orElse(section.number(TextOption.THRESHOLD).orElse(Double.NEGATIVE_INFINITY)));
    }

    /**
     * This classifier, of bytes: a text in UTF-8, or {@code {"text": "..."}}. The answer is JSON, an array of objects as transformers'
     * pipeline gives them: {@code entity_group} (or {@code entity}), {@code score}, {@code word}, and {@code start} and {@code
     * end} counted in Unicode's characters. A word is written as it stands in the text.
     */
    public Handler<byte[], String> asJson() {
        return (bytes, inputs) -> {
            TextRequest request = TextRequest.parse(encoder.archive(), bytes);
            Answer<List<Entity>> answer = preprocess(request, inputs);
            return output -> toJson(request.text(), answer.postprocess(output));
        };
    }

    @Override
    public Answer<List<Entity>> preprocess(String text, Inputs inputs) {
        return preprocess(TextRequest.of(text), inputs);
    }

    private Answer<List<Entity>> preprocess(TextRequest request, Inputs inputs) {
        Encoding encoding = encoder.write(request, inputs);
        return output -> entities(request, encoding, output);
    }

    private List<Entity> entities(TextRequest request, Encoding encoding, Value output) {
        Tensor logits = ModelOutput.tensor(output, "logits", 2);
        if (logits.shape()[0] != encoder.padded(encoding.size())) {
            throw new IllegalStateException(
                    "the model answered " + encoding.size() + " tokens with " + logits + ", expected a row for each");
        }
        List<Entity> found = new ArrayList<>();
        for (TokenGroup group : TokenGroup.all(encoding, logits, labels, aggregation)) {
            if (!ignored.contains(group.label()) && group.probability() >= threshold) {
                found.add(group.in(request.text()));
            }
        }
        return List.copyOf(found);
    }

    private String toJson(String text, List<Entity> entities) {
        List<Map<String, Object>> answer = new ArrayList<>();
        for (Entity entity : entities) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put(aggregation == Aggregation.NONE ? "entity" : "entity_group", entity.label());
            one.put("score", entity.probability());
            one.put("word", entity.text());
            one.put("start", text.codePointCount(0, entity.start()));
            one.put("end", text.codePointCount(0, entity.end()));
            answer.add(one);
        }
        return PythonJson.write(answer);
    }
}
