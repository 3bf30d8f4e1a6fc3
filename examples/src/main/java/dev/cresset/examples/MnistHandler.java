package dev.cresset.examples;

import dev.cresset.Answer;
import dev.cresset.Handler;
import dev.cresset.Inputs;
import dev.cresset.InvalidInputException;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Value;
import java.awt.image.BufferedImage;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.FloatBuffer;
import javax.imageio.ImageIO;

/**
 * What {@code mnist_handler.py} does, in Java: a grey picture of 28 x 28 pixels in, the digit that it shows out. See
 * docs/porting-a-handler.md. Safe for use by several threads.
 */
public final class MnistHandler implements Handler<byte[], String> {
    private static final int SIZE = 28;
    private static final float MEAN = 0.1307f;
    private static final float DEVIATION = 0.3081f;

    /** The handler keeps nothing. */
    public MnistHandler() {}

    @Override
    public Answer<String> preprocess(byte[] png, Inputs inputs) {
        // Samples as they are in the file: getRGB would convert grey by a gamma of its own.
        Raster pixels = decoded(png).getRaster();
        FloatBuffer tensor = inputs.tensor(DataType.FLOAT32, 1, SIZE, SIZE).asFloatBuffer();
        for (int y = 0; y < SIZE; y++) {
            for (int x = 0; x < SIZE; x++) {
                tensor.put((pixels.getSample(x, y, 0) / 255f - MEAN) / DEVIATION);
            }
        }
        return this::postprocess;
    }

    private static BufferedImage decoded(byte[] png) {
        try {
            BufferedImage image = ImageIO.read(new ByteArrayInputStream(png));
            if (image != null && image.getWidth() == SIZE && image.getHeight() == SIZE) {
                return image;
            }
            throw new InvalidInputException("the request is no picture of 28 x 28 pixels");
        } catch (IOException e) {
            throw new InvalidInputException("the request is a damaged picture: " + e.getMessage(), e);
        }
    }

    public String postprocess(Value output) {
        float[] scores = output.asTensor().toFloatArray();
        int best = 0;
        for (int digit = 1; digit < scores.length; digit++) {
            best = scores[digit] > scores[best] ? digit : best;
        }
        return Integer.toString(best);
    }
}
