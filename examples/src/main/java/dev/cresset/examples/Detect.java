package dev.cresset.examples;

import dev.cresset.Predictor;
import dev.cresset.handler.Detection;
import dev.cresset.handler.ImageOptions;
import dev.cresset.handler.ObjectDetector;
import dev.cresset.mar.ModelArchive;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Says what a detector is sure to see in an image, and where: {@code Detect model.mar image [threshold]}. */
public final class Detect {

    private Detect() {}

    /** Runs the example. */
    public static void main(String[] args) throws IOException {
        float threshold = args.length > 2 ? Float.parseFloat(args[2]) : 0.7f;
        try (ModelArchive archive = ModelArchive.open(Path.of(args[0]));
                Predictor<byte[], List<Detection>> predictor = Predictor.open(
                        archive,
                        ObjectDetector.of(
                                archive,
                                ImageOptions.builder().threshold(threshold).build()))) {
            for (Detection one : predictor.predict(Files.readAllBytes(Path.of(args[1])))) {
                Detection.Box box = one.box();
                System.out.printf(
                        "%-12s %5.1f %%  %.0f x %.0f pixels at %.0f, %.0f%n",
                        one.label(),
                        100 * one.score(),
                        box.right() - box.left(),
                        box.bottom() - box.top(),
                        box.left(),
                        box.top());
            }
        }
    }
}
