package dev.cresset.text;

import static java.util.Objects.requireNonNull;

import dev.cresset.Answer;
import dev.cresset.Handler;
import dev.cresset.Inputs;
import dev.cresset.Predictor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A sentence-transformer in this process: texts in, vectors out.
 *
 * <pre>{@code
 * try (SentenceEncoder encoder = SentenceEncoder.open(Path.of("all-MiniLM-L6-v2"))) {
 *     float[] vector = encoder.encode("What is a cresset?").vector();
 *     List<SentenceEmbedding> all = encoder.encodeAll(passages, InputType.DOCUMENT);
 * }
 * }</pre>
 *
 * <p>Texts that are asked for at the same time share batches, whoever asks. Lists are taken by length, longest first, so that
 * short texts do not pay for long ones; answers come in the texts' order.
 *
 * <p>A text that the model cannot take is a {@link dev.cresset.InvalidInputException}; what else may be thrown is told at {@link
 * Predictor}. The caller closes it: new calls are then a {@link dev.cresset.ClosedException}, those under way end. Safe for use
 * by several threads: share one.
 */
public final class SentenceEncoder implements AutoCloseable {

    private final EncodingPredictor<float[]> predictor;
    private final TextEmbedder embedder;
    private final String modelName;
    private final int dimension;

    private SentenceEncoder(
            EncodingPredictor<float[]> predictor, TextEmbedder embedder, String modelName, int dimension) {
        this.predictor = predictor;
        this.embedder = embedder;
        this.modelName = modelName;
        this.dimension = dimension;
    }

    /**
     * Opens a model with its tokenizer.
     *
     * @param model an archive ({@code .mar}) that holds both; a model's file ({@code .pt2}, {@code .pt}, {@code .onnx}) with {@code
     *     tokenizer.json} beside it; or a folder that holds both
     * @throws IOException if a file cannot be read, or there is no {@code tokenizer.json}
     * @throws dev.cresset.ModelLoadException if the model cannot be loaded or gives no vectors, or a setting makes no sense
     * @throws dev.cresset.EngineUnavailableException if there is no engine for this platform
     */
    public static SentenceEncoder open(Path model) throws IOException {
        return builder(model).open();
    }

    /** Starts with a model, as {@link #open(Path)} takes it. */
    public static Builder builder(Path model) {
        return new Builder(model);
    }

    /** The vector of a text as it is, without a prefix. */
    public SentenceEmbedding encode(String text) {
        return encodeOne(text, null);
    }

    /** The vector of a query or a document, with the prefix that is set for it. */
    public SentenceEmbedding encode(String text, InputType type) {
        return encodeOne(text, requireNonNull(type, "type"));
    }

    private SentenceEmbedding encodeOne(String text, @Nullable InputType type) {
        return predictor.answer(embedder.encode(text, type), this::embedding);
    }

    /** The vector of a text, later; the text is cut into tokens on the calling thread. What fails, fails the future. */
    public CompletableFuture<SentenceEmbedding> encodeAsync(String text) {
        return encodeOneAsync(text, null);
    }

    /** The vector of a query or a document, later; see {@link #encodeAsync(String)}. */
    public CompletableFuture<SentenceEmbedding> encodeAsync(String text, InputType type) {
        return encodeOneAsync(text, requireNonNull(type, "type"));
    }

    private CompletableFuture<SentenceEmbedding> encodeOneAsync(String text, @Nullable InputType type) {
        return predictor.answerAsync(() -> embedder.encode(text, type), this::embedding);
    }

    /** The vectors of texts as they are, in their order. The first bad one fails the list. */
    public List<SentenceEmbedding> encodeAll(List<String> texts) {
        return encodeEach(texts, null);
    }

    /** The vectors of queries or of documents, in their order, with the prefix that is set for them; the first bad one fails the list. */
    public List<SentenceEmbedding> encodeAll(List<String> texts, InputType type) {
        return encodeEach(texts, requireNonNull(type, "type"));
    }

    private List<SentenceEmbedding> encodeEach(List<String> texts, @Nullable InputType type) {
        return predictor.answerAll(texts, text -> embedder.encode(text, type), this::embedding);
    }

    private SentenceEmbedding embedding(Encoding encoding, float[] vector) {
        return new SentenceEmbedding(
                dimension < vector.length ? embedder.cut(vector, dimension) : vector, encoding.size());
    }

    /**
     * The same model with vectors cut to so many numbers, the first ones (Matryoshka); of length 1 where this one's are. It shares
     * the model: closing either closes both.
     *
     * @throws IllegalArgumentException if it is more than this one's {@link #dimension}, or below 1
     */
    public SentenceEncoder withDimension(int numbers) {
        if (numbers < 1 || numbers > dimension) {
            throw new IllegalArgumentException(
                    "vectors of " + modelName + " have " + dimension + " numbers, which cannot be cut to " + numbers);
        }
        return new SentenceEncoder(predictor, embedder, modelName, numbers);
    }

    /** How many tokens a text has, all of it, without those that the tokenizer adds: what splitters of documents go by. */
    public int countTokens(String text) {
        return embedder.countTokens(text);
    }

    /** The most tokens of a text that the model reads, those that the tokenizer adds among them; empty if nobody says. */
    public OptionalInt maxLength() {
        return embedder.maxLength();
    }

    /** How many numbers a vector has. The model is not asked. */
    public int dimension() {
        return dimension;
    }

    /** What the model is called: as was set, or by its archive, or by its file or folder. */
    public String modelName() {
        return modelName;
    }

    /** What answers: for its plan and its metrics. It is closed with this encoder, not by its user. */
    public Predictor<?, float[]> predictor() {
        return predictor.predictor();
    }

    @Override
    public void close() {
        predictor.close();
    }

    @Override
    public String toString() {
        return "sentence encoder of " + modelName;
    }

    /** Collects what an encoder is opened with. Not safe for use by several threads. */
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

        /** Pooling, prefixes, length and the like, over what the model's files say. */
        public Builder options(TextOptions values) {
            this.options = requireNonNull(values, "values");
            return this;
        }

        /**
         * Changes how requests are served: workers, batches, queue, deadline, {@link dev.cresset.ModelOptions}. Unless set, batches
         * are of at most 32 texts, and callers wait while 256 others do.
         */
        public Builder serving(Consumer<Predictor.Builder<?, ?>> settings) {
            this.serving = requireNonNull(settings, "settings");
            return this;
        }

        /** Loads the model and asks it once. Throws what {@link SentenceEncoder#open} does. */
        public SentenceEncoder open() throws IOException {
            try (TextModelFile file = TextModelFile.open(model, tokenizer)) {
                TextEmbedder embedder = TextEmbedder.of(file.files(), options).inBuckets();
                int[] dimension = new int[1];
                EncodingPredictor<float[]> predictor = EncodingPredictor.open(
                        file,
                        new OfTokens(embedder),
                        embedder::filled,
                        embedder.example(EncodingPredictor.EXAMPLE),
                        vector -> {
                            dimension[0] = vector.length;
                            return vector.length > 0;
                        },
                        serving);
                return new SentenceEncoder(predictor, embedder, modelName.orElse(file.modelName()), dimension[0]);
            }
        }
    }

    /** An embedder of what has been cut into tokens already. */
    private record OfTokens(TextEmbedder embedder) implements Handler<FilledEncoding, float[]> {
        @Override
        public Answer<float[]> preprocess(FilledEncoding tokens, Inputs inputs) {
            return embedder.preprocess(tokens, inputs);
        }
    }
}
