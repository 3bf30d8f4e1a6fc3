package dev.cresset.text;

import dev.cresset.Answer;
import dev.cresset.Handler;
import dev.cresset.Inputs;
import dev.cresset.handler.PythonJson;
import dev.cresset.mar.ModelArchive;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Turns a text into a vector: an encoder of transformers, or a whole sentence-transformer. Its tokens' vectors are pooled to
 * one; a model that answers with one vector itself is taken at its word. {@link SentenceEncoder} is this with its model.
 *
 * <p>The archive holds {@code tokenizer.json}. In the {@code handler} section of its {@code model-config.yaml} may stand {@code
 * max_length}, {@code truncation}, {@code pad_to_multiple_of}, {@code pooling} (a {@link Pooling} in small letters; {@code mean}
 * is the default), {@code normalize} (whether vectors get the length 1; they do not by default), {@code truncate_dim}, {@code
 * query_prefix} and {@code document_prefix}; {@link TextOptions} set the same. What neither says is taken from the files of
 * sentence-transformers ({@code modules.json} and those that it names), where they are there. Texts are cut at the tokenizer's
 * {@code model_max_length} unless something else is said.
 *
 * <p>A text that the model cannot take is a {@link dev.cresset.InvalidInputException}. Immutable, safe for use by several
 * threads.
 */
public final class TextEmbedder implements Handler<String, float[]> {

    private static final Set<TextOption> OPTIONS = EnumSet.of(
            TextOption.MAX_LENGTH,
            TextOption.TRUNCATION,
            TextOption.PAD_TO_MULTIPLE_OF,
            TextOption.POOLING,
            TextOption.NORMALIZE,
            TextOption.TRUNCATE_DIM,
            TextOption.QUERY_PREFIX,
            TextOption.DOCUMENT_PREFIX);

    /** What PyTorch's {@code normalize} divides by at least. */
    private static final double SHORTEST = 1e-12;

    /** As sentence-transformers, and transformers, call what counts: one vector, or one for each token. */
    private static final List<String> OUTPUTS = List.of("sentence_embedding", "last_hidden_state", "token_embeddings");

    private final TextEncoder encoder;
    private final EmbedderSettings settings;

    private TextEmbedder(TextEncoder encoder, EmbedderSettings settings) {
        this.encoder = encoder;
        this.settings = settings;
    }

    /**
     * An embedder with the tokenizer and the settings of an archive.
     *
     * @throws IOException if the archive cannot be read, or lacks {@code tokenizer.json}
     * @throws dev.cresset.ModelLoadException if it has a setting wrong, or there are no tokenizers for this platform
     */
    public static TextEmbedder of(ModelArchive archive) throws IOException {
        return of(archive, TextOptions.none());
    }

    /**
     * An embedder as {@link #of(ModelArchive)} opens it, with options of the caller's over those of the archive.
     *
     * @throws IOException as there
     * @throws IllegalArgumentException for an option that it does not have
     */
    public static TextEmbedder of(ModelArchive archive, TextOptions options) throws IOException {
        return of(TextFiles.of(archive), options);
    }

    /**
     * An embedder for a model that is in no archive.
     *
     * @param folder where {@code tokenizer.json} is, and what else transformers or sentence-transformers saved with it; or that
     *     file itself
     * @throws IOException if a file cannot be read, or there is no {@code tokenizer.json}
     * @throws dev.cresset.ModelLoadException if a file has something wrong, or there are no tokenizers for this platform
     * @throws IllegalArgumentException for an option that it does not have
     */
    public static TextEmbedder of(Path folder, TextOptions options) throws IOException {
        return of(TextFiles.of(folder), options);
    }

    static TextEmbedder of(TextFiles files, TextOptions options) throws IOException {
        options.requireAmong("TextEmbedder", OPTIONS);
        HandlerSection section = HandlerSection.of(files, "TextEmbedder", OPTIONS);
        return new TextEmbedder(
                options.applyTo(TextEncoder.of(files, section)), EmbedderSettings.of(files, section, options));
    }

    /** This embedder, of bytes: a text in UTF-8, or {@code {"text": "..."}}. The answer is JSON, an array of numbers. */
    public Handler<byte[], String> asJson() {
        return (bytes, inputs) -> {
            Answer<float[]> answer = preprocess(TextRequest.parse(encoder.archive(), bytes), inputs);
            return output -> toJson(answer.postprocess(output));
        };
    }

    /** This embedder, of texts to which the prefix of queries or of documents is added. */
    public Handler<String, float[]> with(InputType type) {
        return (text, inputs) -> preprocess(encoder.filled(encode(text, type)), inputs);
    }

    @Override
    public Answer<float[]> preprocess(String text, Inputs inputs) {
        return preprocess(encoder.filled(encode(text, null)), inputs);
    }

    private Answer<float[]> preprocess(TextRequest request, Inputs inputs) {
        TextRequest whole = new TextRequest(settings.text(request.text(), null), request.pair());
        return preprocess(encoder.filled(encoder.encode(whole)), inputs);
    }

    /** The tokens of a text with its prefix. */
    Encoding encode(String text, @Nullable InputType type) {
        return encoder.encode(TextRequest.of(settings.text(text, type)));
    }

    Answer<float[]> preprocess(FilledEncoding filled, Inputs inputs) {
        Encoding encoding = encoder.write(filled, inputs);
        return output -> vector(encoding, output);
    }

    FilledEncoding filled(Encoding encoding) {
        return encoder.filled(encoding);
    }

    int countTokens(String text) {
        return encoder.countTokens(text);
    }

    OptionalInt maxLength() {
        return encoder.maxLength();
    }

    /** The tokens of a text to try a model with, however long the model's texts may be. */
    FilledEncoding example(String text) {
        return encoder.filled(encoder.withTruncation(Truncation.LONGEST_FIRST).encode(TextRequest.of(text)));
    }

    /** This embedder, with lengths that let texts share batches, unless some were asked for. */
    TextEmbedder inBuckets() {
        return new TextEmbedder(encoder.inBuckets(), settings);
    }

    private float[] vector(Encoding encoding, Value output) {
        Tensor tensor = ModelOutput.tensor(output, OUTPUTS, 2, 1);
        float[] vector = tensor.shape().length == 1 ? tensor.toFloatArray() : pooled(encoding, tensor);
        int most = settings.truncateDim().orElse(vector.length);
        if (most > vector.length) {
            throw new IllegalStateException("vectors are to be cut to " + most
                    + " numbers (truncate_dim), but the model's have only " + vector.length);
        }
        return cut(vector, most);
    }

    /** A vector's first numbers, of length 1 again where vectors have that. */
    float[] cut(float[] vector, int most) {
        float[] kept = most < vector.length ? Arrays.copyOf(vector, most) : vector;
        if (settings.normalized()) {
            normalize(kept);
        }
        return kept;
    }

    private float[] pooled(Encoding encoding, Tensor tokens) {
        if (settings.unpooled() != null) {
            throw new IllegalStateException(settings.unpooled());
        }
        int count = (int) Math.min(encoding.size(), tokens.shape()[0]);
        return settings.pooling().pool(tokens.toFloatArray(), count, (int) tokens.shape()[1]);
    }

    private static void normalize(float[] vector) {
        double squares = 0;
        for (float value : vector) {
            squares += (double) value * value;
        }
        double length = Math.max(Math.sqrt(squares), SHORTEST);
        for (int i = 0; i < vector.length; i++) {
            vector[i] = (float) (vector[i] / length);
        }
    }

    private static String toJson(float[] vector) {
        List<Float> numbers = new ArrayList<>(vector.length);
        for (float value : vector) {
            numbers.add(value);
        }
        return PythonJson.write(numbers);
    }
}
