package dev.cresset.handler;

import dev.cresset.Answer;
import dev.cresset.Handler;
import dev.cresset.Inputs;
import dev.cresset.InvalidInputException;
import dev.cresset.ModelLoadException;
import dev.cresset.internal.image.RgbRows;
import dev.cresset.internal.json.NestedNumbers;
import dev.cresset.mar.ModelArchive;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Signature;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * TorchServe's {@code object_detector}: the bytes of a JPEG or PNG in, the things in it out, in the model's order, those
 * surer than a threshold of 0.5. The image is scaled to 0..1 and otherwise left as it is.
 *
 * <p>A model takes a batch of images, or a list of them as torchvision's scripted detectors do; it answers with a list of
 * dicts of {@code boxes}, {@code labels} and {@code scores}, or with a pair of losses and that list. TorchServe fails on
 * scripted detectors; on grey, palette and alpha images, too, which are converted as Pillow's {@code convert("RGB")} does.
 * As in TorchServe, an image may also come as base64, and nested JSON arrays of numbers go into the model as they are.
 *
 * <p>Bytes that are no image are an {@link InvalidInputException}. Immutable, safe for use by several threads.
 */
public final class ObjectDetector implements Handler<byte[], List<Detection>> {

    private final String archive;
    private final ImageInput input;
    private final IndexToName names;
    private final float threshold;

    private ObjectDetector(String archive, ImageInput input, IndexToName names, float threshold) {
        this.archive = archive;
        this.input = input;
        this.names = names;
        this.threshold = threshold;
    }

    /**
     * A detector with the options that the archive sets, that names things as its {@code index_to_name.json} does.
     *
     * @throws IOException if the archive cannot be read, or that file is malformed
     * @throws ModelLoadException if it has an option wrong
     */
    public static ObjectDetector of(ModelArchive archive) throws IOException {
        return of(archive, ImageOptions.none());
    }

    /**
     * A detector as {@link #of(ModelArchive)} opens it, with options of the caller's over those of the archive.
     *
     * @throws IOException as there
     * @throws IllegalArgumentException for an option that it does not have
     */
    public static ObjectDetector of(ModelArchive archive, ImageOptions options) throws IOException {
        String name = archive.name();
        ResolvedImageOptions set = ImageSettings.apply(ResolvedImageOptions.ofDetector(), archive, options);
        return new ObjectDetector(name, new ImageInput(name, set), IndexToName.of(archive, set), set.threshold());
    }

    /** This detector, answering with the JSON text that TorchServe sends. */
    public Handler<byte[], String> asJson() {
        return new JsonHandler<>(this, ObjectDetector::toJson);
    }

    /** The model counts images by the length of its lists; what it finds in one has no dimension for that. */
    @Override
    public boolean isBatched() {
        return false;
    }

    @Override
    public Answer<List<Detection>> preprocess(byte[] image, Inputs inputs) {
        if (NestedNumbers.isArray(image)) {
            NestedNumbers numbers = NestedNumbers.read(archive, image);
            numbers.writeFloats(planes(inputs, numbers.shape()));
            return this::postprocess;
        }
        RgbRows decoded = input.decode(image);
        input.writeWhole(decoded, planes(inputs, 3, decoded.height(), decoded.width()));
        return this::postprocess;
    }

    /** The memory for one image: in a list or in a batch, whichever the model takes. */
    private static Tensor planes(Inputs inputs, long... shape) {
        List<Signature.Parameter> parameters = inputs.parameters();
        if (!parameters.isEmpty() && parameters.get(0).type().name().equals("List")) {
            return inputs.tensorInList(DataType.FLOAT32, shape);
        }
        long[] batch = new long[shape.length + 1];
        batch[0] = 1;
        System.arraycopy(shape, 0, batch, 1, shape.length);
        return inputs.tensor(DataType.FLOAT32, batch);
    }

    private List<Detection> postprocess(Value output) {
        Detections found = Detections.read(archive, output);
        List<Detection> sure = new ArrayList<>();
        for (int i = 0; i < found.count(); i++) {
            if (found.score(i) >= threshold) {
                int index = found.label(i);
                sure.add(new Detection(index, names.name(index), found.score(i), found.box(i)));
            }
        }
        return sure;
    }

    /** A thing that is called "score" loses its box, as in a Python dict. */
    private static Object toJson(List<Detection> detections) {
        List<Object> answer = new ArrayList<>(detections.size());
        for (Detection one : detections) {
            Detection.Box box = one.box();
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put(one.label(), List.of(box.left(), box.top(), box.right(), box.bottom()));
            fields.put("score", one.score());
            answer.add(fields);
        }
        return answer;
    }
}
