package dev.cresset.handler;

import dev.cresset.Handler;
import dev.cresset.Inputs;
import dev.cresset.InvalidInputException;
import dev.cresset.mar.ModelArchive;
import dev.cresset.tensor.DataType;
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

    private static final int TOP = 5;

    private final String archive;
    private final IndexToName names;
    private final ImageDecoder decoder = new ImageDecoder(ImageDecoder.PILLOW_MAX_PIXELS);
    private final ImageTransform transform = ImageTransform.IMAGENET;

    private ImageClassifier(String archive, IndexToName names) {
        this.archive = archive;
        this.names = names;
    }

    /**
     * A classifier that names classes as the archive's {@code index_to_name.json} does.
     *
     * @throws IOException if the archive cannot be read, or that file is malformed
     */
    public static ImageClassifier of(ModelArchive archive) throws IOException {
        return new ImageClassifier(String.valueOf(archive.path().getFileName()), IndexToName.of(archive));
    }

    /** The same, answering with the JSON text that TorchServe sends. */
    public Handler<byte[], String> asJson() {
        return new JsonHandler<>(this, ImageClassifier::toJson);
    }

    @Override
    public Optional<byte[]> example() {
        return Optional.of(ExampleImage.png());
    }

    @Override
    public void preprocess(byte[] image, Inputs inputs) {
        if (NestedNumbers.isArray(image)) {
            NestedNumbers.read(archive, image).writeFloats(inputs);
            return;
        }
        RgbImage decoded;
        try {
            decoded = decoder.decode(ImageText.decoded(image));
        } catch (ImageFormatException e) {
            throw new InvalidInputException(archive + ": " + e.getMessage(), e);
        }
        int size = transform.size();
        transform.write(decoded, inputs.tensor(DataType.FLOAT32, 3, size, size).asFloatBuffer());
    }

    @Override
    public List<Classification> postprocess(Value output) {
        Tensor scores = output.asTensor();
        float[] probabilities = Softmax.of(scores.toFloatArray());
        List<Classification> best = new ArrayList<>(TOP);
        for (int index : TopK.of(probabilities, Math.min(TOP, probabilities.length))) {
            best.add(new Classification(index, names.name(index), probabilities[index]));
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
