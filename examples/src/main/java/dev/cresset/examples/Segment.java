package dev.cresset.examples;

import dev.cresset.Predictor;
import dev.cresset.handler.ImageOptions;
import dev.cresset.handler.ImageSegmenter;
import dev.cresset.handler.Interpolation;
import dev.cresset.handler.Segmentation;
import dev.cresset.mar.ModelArchive;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Draws what a segmenter sees in an image, a letter for each class: {@code Segment model.mar image}. */
public final class Segment {

    private Segment() {}

    /** Runs the example. */
    public static void main(String[] args) throws IOException {
        try (ModelArchive archive = ModelArchive.open(Path.of(args[0]));
                Predictor<byte[], Segmentation> predictor = Predictor.open(
                        archive,
                        ImageSegmenter.of(
                                archive,
                                ImageOptions.builder()
                                        .interpolation(Interpolation.BICUBIC)
                                        .build()))) {
            Segmentation seen = predictor.predict(Files.readAllBytes(Path.of(args[1])));
            for (int y = 0; y < seen.height(); y++) {
                StringBuilder line = new StringBuilder();
                for (int x = 0; x < seen.width(); x++) {
                    int place = y * seen.width() + x;
                    char letter = (char) ('a' + seen.classes()[place] % 26);
                    // In capitals where the model is sure.
                    line.append(seen.probabilities()[place] > 0.5f ? Character.toUpperCase(letter) : letter);
                }
                System.out.println(line);
            }
        }
    }
}
