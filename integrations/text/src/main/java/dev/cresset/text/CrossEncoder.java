package dev.cresset.text;

import static java.util.Objects.requireNonNull;

import dev.cresset.Answer;
import dev.cresset.Handler;
import dev.cresset.Inputs;
import dev.cresset.Predictor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;

/**
 * A re-ranker in this process: a query and a passage in, how well they fit out. It is sentence-transformers' {@code
 * CrossEncoder} with one label: better than comparing vectors, and slower, so for the best few of a search.
 *
 * <pre>{@code
 * try (CrossEncoder ranker = CrossEncoder.open(Path.of("ms-marco-MiniLM-L6-v2"))) {
 *     ranker.rank("What is a cresset?", passages).get(0).index();
 * }
 * }</pre>
 *
 * <p>Pairs are batched and ordered as {@link SentenceEncoder} does with texts. A score is between 0 and 1 (by a sigmoid) unless the model's {@code
 * config.json} or {@link TextOptions.Builder#functionToApply} says otherwise.
 *
 * <p>A text that the model cannot take is a {@link dev.cresset.InvalidInputException}; what else may be thrown is told at {@link
 * Predictor}. The caller closes it. Safe for use by several threads: share one.
 */
public final class CrossEncoder implements AutoCloseable {

    private static final Set<TextOption> OPTIONS = EnumSet.of(
            TextOption.MAX_LENGTH, TextOption.TRUNCATION, TextOption.PAD_TO_MULTIPLE_OF, TextOption.FUNCTION_TO_APPLY);

    private final EncodingPredictor<Float> predictor;
    private final TextEncoder encoder;
    private final String modelName;

    private CrossEncoder(EncodingPredictor<Float> predictor, TextEncoder encoder, String modelName) {
        this.predictor = predictor;
        this.encoder = encoder;
        this.modelName = modelName;
    }

    /**
     * Opens a model with its tokenizer, from what {@link SentenceEncoder#open} takes.
     *
     * @throws IOException if a file cannot be read, or there is no {@code tokenizer.json}
     * @throws dev.cresset.ModelLoadException if the model cannot be loaded or answers with more than one number, or a setting makes
     *     no sense
     * @throws dev.cresset.EngineUnavailableException if there is no engine for this platform
     */
    public static CrossEncoder open(Path model) throws IOException {
        return builder(model).open();
    }

    /** Starts with a model, as {@link #open(Path)} takes it. */
    public static Builder builder(Path model) {
        return new Builder(model);
    }

    /** How well a passage fits a query. */
    public PairScore score(String query, String passage) {
        return predictor.answer(encode(query, passage), CrossEncoder::scored);
    }

    /** How well a passage fits a query, later; tokens are made on the calling thread. What fails, fails the future. */
    public CompletableFuture<PairScore> scoreAsync(String query, String passage) {
        return predictor.answerAsync(() -> encode(query, passage), CrossEncoder::scored);
    }

    /** How well passages fit a query, in their order. The first bad one fails the list. */
    public List<PairScore> scoreAll(String query, List<String> passages) {
        return predictor.answerAll(passages, passage -> encode(query, passage), CrossEncoder::scored);
    }

    private static PairScore scored(Encoding encoding, float score) {
        return new PairScore(score, encoding.size());
    }

    /** The passages by how well they fit a query, the best first; of equal ones, the earlier first. */
    public List<RankedPassage> rank(String query, List<String> passages) {
        List<PairScore> scores = scoreAll(query, passages);
        List<RankedPassage> ranked = new ArrayList<>(scores.size());
        for (int i = 0; i < scores.size(); i++) {
            ranked.add(new RankedPassage(i, scores.get(i).score()));
        }
        ranked.sort(Comparator.comparingDouble(one -> -one.score()));
        return ranked;
    }

    private Encoding encode(String query, String passage) {
        return encoder.encode(new TextRequest(query, requireNonNull(passage, "passage")));
    }

    /** What the model is called: as was set, or by its archive, or by its file or folder. */
    public String modelName() {
        return modelName;
    }

    /** What answers: for its plan and its metrics. It is closed with this encoder, not by its user. */
    public Predictor<?, Float> predictor() {
        return predictor.predictor();
    }

    @Override
    public void close() {
        predictor.close();
    }

    @Override
    public String toString() {
        return "cross-encoder of " + modelName;
    }

    /** Collects what a cross-encoder is opened with. Not safe for use by several threads. */
    public static final class Builder {
        private final Path model;
        private Optional<Path> tokenizer = Optional.empty();
        private Optional<String> modelName = Optional.empty();
        private TextOptions options = TextOptions.none();
        private Consumer<Predictor.Builder<?, ?>> serving = builder -> {};

        private Builder(Path model) {
            this.model = requireNonNull(model, "model");
        }

        /** Where {@code tokenizer.json} is, the file or its folder; beside the model, or in its archive, unless set. */
        public Builder tokenizer(Path fileOrFolder) {
            this.tokenizer = Optional.of(requireNonNull(fileOrFolder, "fileOrFolder"));
            return this;
        }

        /** What the model is called to those who ask. */
        public Builder modelName(String name) {
            this.modelName = Optional.of(requireNonNull(name, "name"));
            return this;
        }

        /** Length, truncation and the function of the score, over what the model's files say. */
        public Builder options(TextOptions values) {
            this.options = requireNonNull(values, "values");
            return this;
        }

        /**
         * Changes how requests are served: workers, batches, queue, deadline, {@link dev.cresset.ModelOptions}. Unless set, batches
         * are of at most 32 pairs, and callers wait while 256 others do.
         */
        public Builder serving(Consumer<Predictor.Builder<?, ?>> settings) {
            this.serving = requireNonNull(settings, "settings");
            return this;
        }

        /** Loads the model and asks it once. Throws what {@link CrossEncoder#open} does. */
        public CrossEncoder open() throws IOException {
            options.requireAmong("CrossEncoder", OPTIONS);
            try (TextModelFile file = TextModelFile.open(model, tokenizer)) {
                HandlerSection section = HandlerSection.of(file.files(), "CrossEncoder", OPTIONS);
                TextEncoder encoder =
                        options.applyTo(TextEncoder.of(file.files(), section)).inBuckets();
                FilledEncoding example = encoder.filled(encoder.withTruncation(Truncation.LONGEST_FIRST)
                        .encode(new TextRequest("What does the fox jump over?", EncodingPredictor.EXAMPLE)));
                EncodingPredictor<Float> predictor = EncodingPredictor.open(
                        file,
                        new OfTokens(encoder, function(file, section)),
                        encoder::filled,
                        example,
                        score -> true,
                        serving);
                return new CrossEncoder(predictor, encoder, modelName.orElse(file.modelName()));
            }
        }

        /** As sentence-transformers finds it: what {@code config.json} names, else a sigmoid. */
        private ScoreFunction function(TextModelFile file, HandlerSection section) throws IOException {
            Optional<ScoreFunction> asked = options.get(TextOption.FUNCTION_TO_APPLY, ScoreFunction.class)
                    .or(() -> section.choice(TextOption.FUNCTION_TO_APPLY, ScoreFunction.class));
            JsonNode config = JsonEntry.read(file.files(), "config.json");
            String saved = config.path("sentence_transformers")
                    .path("activation_fn")
                    .asString(
                            config.path("sbert_ce_default_activation_function").asString(""));
            return asked.orElse(saved.endsWith("Identity") ? ScoreFunction.NONE : ScoreFunction.SIGMOID);
        }
    }

    private record OfTokens(TextEncoder encoder, ScoreFunction function) implements Handler<FilledEncoding, Float> {
        @Override
        public Answer<Float> preprocess(FilledEncoding tokens, Inputs inputs) {
            encoder.write(tokens, inputs);
            return output -> {
                float[] logits = ModelOutput.tensor(output, "logits", 1).toFloatArray();
                if (logits.length != 1) {
                    throw new IllegalStateException(
                            "the model answered with " + logits.length
                                    + " numbers, expected the one of a re-ranker; SequenceClassifier takes models with several classes");
                }
                function.apply(logits, 0, 1);
                return logits[0];
            };
        }
    }
}
