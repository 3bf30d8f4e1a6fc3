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
import java.util.List;

/**
 * Turns a text into a vector: an encoder of transformers. Its tokens' vectors are pooled to one; a model that answers with
 * one vector itself is taken at its word.
 *
 * <p>The archive holds {@code tokenizer.json}. In the {@code handler} section of its {@code model-config.yaml} may stand {@code
 * max_length}, {@code truncation}, {@code pad_to_multiple_of}, {@code pooling} ({@code mean}, the default, or {@code cls}) and {@code normalize} (whether
 * vectors get the length 1; they do not by default); {@link TextOptions} set the same. Texts are cut at the tokenizer's {@code
 * model_max_length} unless something else is said.
 *
 * <p>A text that the model cannot take is a {@link dev.cresset.InvalidInputException}. Immutable, safe for use by several
 * threads.
 */
public final class TextEmbedder implements Handler<String, float[]> {

    /** What PyTorch's {@code normalize} divides by at least. */
    private static final double SHORTEST = 1e-12;

    private final TextEncoder encoder;
    private final Pooling pooling;
    private final boolean normalized;

    private TextEmbedder(TextEncoder encoder, Pooling pooling, boolean normalized) {
        this.encoder = encoder;
        this.pooling = pooling;
        this.normalized = normalized;
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
        options.requireAmong(
                "TextEmbedder",
                TextOption.MAX_LENGTH,
                TextOption.TRUNCATION,
                TextOption.PAD_TO_MULTIPLE_OF,
                TextOption.POOLING,
                TextOption.NORMALIZE);
        HandlerSection section = HandlerSection.of(archive);
        return new TextEmbedder(
                options.applyTo(TextEncoder.of(archive, section)),
                options.get(TextOption.POOLING, Pooling.class)
                        .orElse(section.choice("pooling", Pooling.class).orElse(Pooling.MEAN)),
                options.get(TextOption.NORMALIZE, Boolean.class)
                        .orElse(section.flag("normalize").orElse(false)));
    }

    /** This embedder, of bytes: a text in UTF-8, or {@code {"text": "..."}}. The answer is JSON, an array of numbers. */
    public Handler<byte[], String> asJson() {
        return (bytes, inputs) -> {
            Answer<float[]> answer = preprocess(TextRequest.parse(encoder.archive(), bytes), inputs);
            return output -> toJson(answer.postprocess(output));
        };
    }

    @Override
    public Answer<float[]> preprocess(String text, Inputs inputs) {
        return preprocess(TextRequest.of(text), inputs);
    }

    private Answer<float[]> preprocess(TextRequest request, Inputs inputs) {
        Encoding encoding = encoder.write(request, inputs);
        return output -> vector(encoding, tensor(output));
    }

    private float[] vector(Encoding encoding, Tensor tensor) {
        boolean filledUp = encoder.padTo() > 1 && tensor.shape().length == 2 && pooling == Pooling.MEAN;
        return vector(tensor, filledUp ? encoding.size() : tensor.shape()[0]);
    }

    private static Tensor tensor(Value output) {
        return ModelOutput.tensor(output, "last_hidden_state", 2, 1);
    }

    private float[] vector(Tensor tensor, long tokens) {
        float[] vector = tensor.shape().length == 1 ? tensor.toFloatArray() : pooled(tensor, (int) tokens);
        if (normalized) {
            normalize(vector);
        }
        return vector;
    }

    private float[] pooled(Tensor tokens, int length) {
        float[] all = tokens.toFloatArray();
        int count = pooling == Pooling.CLS ? 1 : length;
        int width = (int) tokens.shape()[1];
        float[] vector = new float[width];
        for (int i = 0; i < width; i++) {
            double sum = 0;
            for (int token = 0; token < count; token++) {
                sum += all[(token * width) + i];
            }
            vector[i] = (float) (sum / count);
        }
        return vector;
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
