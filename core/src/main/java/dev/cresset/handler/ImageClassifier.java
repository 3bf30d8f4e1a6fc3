package dev.cresset.handler;

import dev.cresset.Answer;
import dev.cresset.Handler;
import dev.cresset.Inputs;
import dev.cresset.InvalidInputException;
import dev.cresset.ModelExecutionException;
import dev.cresset.ModelLoadException;
import dev.cresset.mar.ModelArchive;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * TorchServe's {@code image_classifier}: the bytes of a JPEG or PNG in, the five likeliest classes out. The image is resized
 * so that its shorter side is 256 (bilinear, antialiased, as Pillow does), cropped to the 224 x 224 in its middle, scaled to
 * 0..1 and normalised with ImageNet's mean and deviation; the model's scores go through softmax. Every step gives
 * torchvision's and Pillow's own numbers.
 *
 * <p>Grey, palette, alpha and CMYK images are converted as Pillow's {@code convert("RGB")} does; TorchServe fails on them. A
 * model of fewer than five classes gets as many answers; TorchServe fails on that too. Colour profiles and EXIF orientation
 * are ignored, as TorchServe ignores them.
 *
 * <p>As in TorchServe, an image may also come as base64, and nested JSON arrays of numbers go into the model as they are.
 *
 * <p>Bytes that are no image are an {@link InvalidInputException}. Immutable, safe for use by several threads.
 */
public final class ImageClassifier implements Handler<byte[], List<Classification>> {

    private final String archive;
    private final ImageInput input;
    private final IndexToName names;
    private final int topK;
    private final float threshold;

    private ImageClassifier(String archive, ImageInput input, IndexToName names, ResolvedImageOptions options) {
        this.archive = archive;
        this.input = input;
        this.names = names;
        this.topK = options.topK();
        this.threshold = options.threshold();
    }

    /**
     * A classifier with the options that the archive sets, that names classes as its {@code index_to_name.json} does.
     *
     * @throws IOException if the archive cannot be read, or that file is malformed
     * @throws ModelLoadException if it has an option wrong
     */
    public static ImageClassifier of(ModelArchive archive) throws IOException {
        return of(archive, ImageOptions.none());
    }

    /**
     * A classifier as {@link #of(ModelArchive)} opens it, with options of the caller's over those of the archive.
     *
     * @throws IOException as there
     * @throws IllegalArgumentException for an option that it does not have
     */
    public static ImageClassifier of(ModelArchive archive, ImageOptions options) throws IOException {
        String name = archive.name();
        ResolvedImageOptions set = ImageSettings.apply(ResolvedImageOptions.ofClassifier(), archive, options);
        return new ImageClassifier(name, new ImageInput(name, set), IndexToName.of(archive, set), set);
    }

    /** This classifier, answering with the JSON text that TorchServe sends. */
    public Handler<byte[], String> asJson() {
        return new JsonHandler<>(this, ImageClassifier::toJson);
    }

    @Override
    public Optional<byte[]> example() {
        return input.example();
    }

    @Override
    public Answer<List<Classification>> preprocess(byte[] image, Inputs inputs) {
        input.write(image, inputs);
        return this::postprocess;
    }

    private List<Classification> postprocess(Value output) {
        if (!(output instanceof Tensor scores) || scores.shape().length != 1) {
            throw new ModelExecutionException(archive + ": the model answered for an image with " + output
                    + ", expected a tensor of scores, one for each class");
        }
        float[] probabilities = Softmax.of(scores.toFloatArray());
        List<Classification> best = new ArrayList<>();
        for (int index : TopK.of(probabilities, Math.min(topK, probabilities.length))) {
            if (probabilities[index] >= threshold) {
                best.add(new Classification(index, names.name(index), probabilities[index]));
            }
        }
        return best;
    }

    /** Labels that occur twice collapse into one, at the first's place and with the last's number, as in a Python dict. */
    private static Object toJson(List<Classification> best) {
        Map<String, Float> answer = new LinkedHashMap<>();
        best.forEach(one -> answer.put(one.label(), one.probability()));
        return answer;
    }
}
