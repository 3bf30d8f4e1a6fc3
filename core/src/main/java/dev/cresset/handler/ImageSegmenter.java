package dev.cresset.handler;

import dev.cresset.Answer;
import dev.cresset.Handler;
import dev.cresset.Inputs;
import dev.cresset.InvalidInputException;
import dev.cresset.ModelExecutionException;
import dev.cresset.ModelLoadException;
import dev.cresset.mar.ModelArchive;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;

/**
 * TorchServe's {@code image_segmenter}: the bytes of a JPEG or PNG in, the likeliest class at each pixel and its probability
 * out. Images are prepared as {@link ImageClassifier} prepares them. The model answers with a dict whose {@code out} has the
 * scores of each class at each pixel, as torchvision's do.
 *
 * <p>Bytes that are no image are an {@link InvalidInputException}. Immutable, safe for use by several threads.
 */
public final class ImageSegmenter implements Handler<byte[], Segmentation> {

    private static final Set<DataType> FLOATS = Set.of(DataType.FLOAT32, DataType.FLOAT16, DataType.BFLOAT16);

    private final String archive;
    private final ImageInput input;

    private ImageSegmenter(String archive, ImageInput input) {
        this.archive = archive;
        this.input = input;
    }

    /**
     * A segmenter with the options that the archive sets.
     *
     * @throws IOException if the archive cannot be read
     * @throws ModelLoadException if it has an option wrong
     */
    public static ImageSegmenter of(ModelArchive archive) throws IOException {
        return of(archive, ImageOptions.none());
    }

    /**
     * A segmenter as {@link #of(ModelArchive)} opens it, with options of the caller's over those of the archive.
     *
     * @throws IOException as there
     * @throws IllegalArgumentException for an option that it does not have
     */
    public static ImageSegmenter of(ModelArchive archive, ImageOptions options) throws IOException {
        String name = archive.name();
        return new ImageSegmenter(
                name, new ImageInput(name, ImageSettings.apply(ResolvedImageOptions.ofSegmenter(), archive, options)));
    }

    /** This segmenter, answering with the JSON text that TorchServe sends: nested lists [height][width][2]. */
    public Handler<byte[], String> asJson() {
        return new JsonHandler<>(this, Segmentation::toJson);
    }

    @Override
    public Optional<byte[]> example() {
        return input.example();
    }

    @Override
    public Answer<Segmentation> preprocess(byte[] image, Inputs inputs) {
        input.write(image, inputs);
        return this::postprocess;
    }

    private Segmentation postprocess(Value output) {
        if (output instanceof Value.DictValue dict
                && dict.entries().get(Value.of("out")) instanceof Tensor scores
                && scores.shape().length == 3
                && scores.shape()[0] > 0
                && FLOATS.contains(scores.dataType())) {
            return SoftmaxArgmax.of(scores);
        }
        throw new ModelExecutionException(archive + ": the model answered for an image with " + output
                + ", expected a dict with a float tensor 'out' of classes, height and width");
    }
}
