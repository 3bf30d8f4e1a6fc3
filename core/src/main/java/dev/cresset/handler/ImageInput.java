package dev.cresset.handler;

import dev.cresset.Inputs;
import dev.cresset.InvalidInputException;
import dev.cresset.internal.image.ImageDecoder;
import dev.cresset.internal.image.ImageFormatException;
import dev.cresset.internal.image.ImageTransform;
import dev.cresset.internal.image.RgbRows;
import dev.cresset.internal.json.NestedNumbers;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import java.util.Optional;

/** From the bytes of an image to a model's input. Immutable, safe for use by several threads. */
final class ImageInput {

    private final String archive;
    private final ImageDecoder decoder;
    private final ImageTransform transform;

    ImageInput(String archive, ResolvedImageOptions options) {
        this.archive = archive;
        this.decoder = options.decoder();
        this.transform = options.transform();
    }

    /** An image to try a model with, unless it were one too large. */
    Optional<byte[]> example() {
        byte[] image = ExampleImage.png();
        try {
            decoder.decode(image);
            return Optional.of(image);
        } catch (ImageFormatException e) {
            return Optional.empty();
        }
    }

    /** Writes the resized and cropped image: a tensor [3, crop, crop]. Nested arrays of numbers are written as they are. */
    void write(byte[] image, Inputs inputs) {
        if (NestedNumbers.isArray(image)) {
            NestedNumbers.read(archive, image).writeFloats(inputs);
            return;
        }
        RgbRows decoded = decode(image);
        int size = transform.size();
        transform.write(decoded, inputs.tensor(DataType.FLOAT32, 3, size, size).asFloatBuffer());
    }

    /** Writes an image as it is, scaled to 0..1: three planes of its height and width. */
    void writeWhole(RgbRows image, Tensor planes) {
        transform.writeWhole(image, planes.asFloatBuffer());
    }

    /** The image's pixels; an {@link InvalidInputException} says what the bytes are instead. */
    RgbRows decode(byte[] image) {
        try {
            return decoder.decode(ImageText.decoded(image));
        } catch (ImageFormatException e) {
            throw new InvalidInputException(archive + ": " + e.getMessage(), e);
        }
    }
}
