package dev.cresset.text;

import dev.cresset.Answer;
import dev.cresset.Handler;
import dev.cresset.Inputs;
import dev.cresset.handler.Classification;
import dev.cresset.handler.PythonJson;
import dev.cresset.mar.ModelArchive;
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * Says what a text is: a sequence classification model of transformers. A text in, the model's classes out, the likeliest
 * first.
 *
 * <p>The archive holds {@code tokenizer.json} and, for the names of the classes, {@code config.json} or {@code
 * index_to_name.json}. In the {@code handler} section of its {@code model-config.yaml} may stand {@code max_length}, {@code
 * truncation}, {@code pad_to_multiple_of}, {@code function_to_apply}, {@code top_k} and {@code threshold}; {@link TextOptions} set the same. Texts are cut at the
 * tokenizer's {@code model_max_length} unless something else is said.
 *
 * <p>A text that the model cannot take is a {@link dev.cresset.InvalidInputException}. Immutable, safe for use by several
 * threads.
 */
public final class SequenceClassifier implements Handler<String, List<Classification>> {

    private static final Set<TextOption> OPTIONS = EnumSet.of(
            TextOption.MAX_LENGTH,
            TextOption.TRUNCATION,
            TextOption.PAD_TO_MULTIPLE_OF,
            TextOption.FUNCTION_TO_APPLY,
            TextOption.TOP_K,
            TextOption.THRESHOLD);

    private final TextEncoder encoder;
    private final Labels labels;
    /** Empty for what transformers takes when nothing is said: it depends on the number of classes. */
    private final Optional<ScoreFunction> function;

    private final int topK;
    private final double threshold;

    private SequenceClassifier(
            TextEncoder encoder, Labels labels, Optional<ScoreFunction> function, int topK, double threshold) {
        this.encoder = encoder;
        this.labels = labels;
        this.function = function;
        this.topK = topK;
        this.threshold = threshold;
    }

    /**
     * A classifier with the tokenizer, the names and the settings of an archive.
     *
     * @throws IOException if the archive cannot be read, or lacks {@code tokenizer.json}
     * @throws dev.cresset.ModelLoadException if it has a setting wrong, or there are no tokenizers for this platform
     */
    public static SequenceClassifier of(ModelArchive archive) throws IOException {
        return of(archive, TextOptions.none());
    }

    private static Optional<ScoreFunction> ofProblem(String type) {
        return switch (type) {
            case "regression" -> Optional.of(ScoreFunction.NONE);
            case "multi_label_classification" -> Optional.of(ScoreFunction.SIGMOID);
            default -> Optional.empty();
        };
    }

    /**
     * A classifier as {@link #of(ModelArchive)} opens it, with options of the caller's over those of the archive.
     *
     * @throws IOException as there
     * @throws IllegalArgumentException for an option that it does not have
     */
    public static SequenceClassifier of(ModelArchive archive, TextOptions options) throws IOException {
        return of(TextFiles.of(archive), options);
    }

    /**
     * A classifier for a model that is in no archive.
     *
     * @param folder where {@code tokenizer.json} and {@code config.json} are; or the former itself
     * @throws IOException if a file cannot be read, or there is no {@code tokenizer.json}
     * @throws IllegalArgumentException for an option that it does not have
     */
    public static SequenceClassifier of(Path folder, TextOptions options) throws IOException {
        return of(TextFiles.of(folder), options);
    }

    private static SequenceClassifier of(TextFiles files, TextOptions options) throws IOException {
        options.requireAmong("SequenceClassifier", OPTIONS);
        HandlerSection section = HandlerSection.of(files, "SequenceClassifier", OPTIONS);
        JsonNode config = JsonEntry.read(files, "config.json");
        Optional<ScoreFunction> asked = section.choice(TextOption.FUNCTION_TO_APPLY, ScoreFunction.class);
        return new SequenceClassifier(
                options.applyTo(TextEncoder.of(files, section)),
                Labels.of(files, config),
                options.get(TextOption.FUNCTION_TO_APPLY, ScoreFunction.class)
                        .or(() -> asked)
                        .or(() -> ofProblem(config.path("problem_type").asString(""))),
                options.get(TextOption.TOP_K, Integer.class)
                        .orElse(section.count(TextOption.TOP_K).orElse(Integer.MAX_VALUE)),
                options.get(TextOption.THRESHOLD, Double.class)
                        .orElse(section.number(TextOption.THRESHOLD).orElse(Double.NEGATIVE_INFINITY)));
    }

    /** This classifier, for models that compare two texts. */
    public Handler<TextPair, List<Classification>> forPairs() {
        return (pair, inputs) -> {
            encoder.write(new TextRequest(pair.text(), pair.pair()), inputs);
            return this::classes;
        };
    }

    /**
     * Answers bytes: a text in UTF-8, or {@code {"text": "...", "text_pair": "..."}}. The answer is JSON, an object from names
     * to scores.
     */
    public Handler<byte[], String> asJson() {
        return (bytes, inputs) -> {
            encoder.write(TextRequest.parse(encoder.archive(), bytes), inputs);
            return output -> toJson(classes(output));
        };
    }

    @Override
    public Answer<List<Classification>> preprocess(String text, Inputs inputs) {
        encoder.write(TextRequest.of(text), inputs);
        return this::classes;
    }

    private List<Classification> classes(Value output) {
        float[] scores = ModelOutput.tensor(output, "logits", 1).toFloatArray();
        function.orElse(scores.length == 1 ? ScoreFunction.SIGMOID : ScoreFunction.SOFTMAX)
                .apply(scores, 0, scores.length);
        List<Classification> classes = new ArrayList<>(scores.length);
        for (int i = 0; i < scores.length; i++) {
            if (scores[i] >= threshold) {
                classes.add(new Classification(i, labels.name(i), scores[i]));
            }
        }
        classes.sort(Comparator.comparingDouble(one -> -one.probability()));
        return List.copyOf(classes.subList(0, Math.min(topK, classes.size())));
    }

    static String toJson(List<Classification> classes) {
        Map<String, Float> answer = new LinkedHashMap<>();
        classes.forEach(one -> answer.put(one.label(), one.probability()));
        return PythonJson.write(answer);
    }
}
