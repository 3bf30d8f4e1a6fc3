package dev.cresset.examples;

import dev.cresset.Predictor;
import dev.cresset.handler.Classification;
import dev.cresset.handler.ImageClassifier;
import dev.cresset.mar.ModelArchive;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * Says what is on some images: {@code Classify model.mar image...}. Without arguments, it reads handwritten digits and counts
 * how often it is right.
 */
public final class Classify {

    private Classify() {}

    /** Runs the example. */
    public static void main(String[] args) throws IOException {
        if (args.length == 0) {
            digits(Path.of("fixtures/digits"));
            return;
        }
        List<Path> images = Arrays.stream(args).skip(1).map(Path::of).toList();
        try (ModelArchive archive = ModelArchive.open(Path.of(args[0]));
                Predictor<byte[], List<Classification>> predictor =
                        Predictor.open(archive, ImageClassifier.of(archive))) {
            for (Path image : images) {
                show(image, predictor);
            }
        }
    }

    private static void show(Path image, Predictor<byte[], List<Classification>> predictor) throws IOException {
        byte[] bytes = Files.readAllBytes(image);
        long start = System.nanoTime();
        List<Classification> best = predictor.predict(bytes);
        double millis = (System.nanoTime() - start) / 1e6;
        System.out.printf("%s  (%.1f ms)%n", image.getFileName(), millis);
        for (Classification one : best) {
            String bar = "#".repeat(Math.round(40 * one.probability()));
            System.out.printf("  %-12s %6.2f %%  %s%n", one.label(), 100 * one.probability(), bar);
        }
    }

    private static void digits(Path folder) throws IOException {
        try (ModelArchive archive = ModelArchive.open(folder.resolve("digits.mar"));
                Predictor<byte[], List<Classification>> predictor =
                        Predictor.open(archive, ImageClassifier.of(archive));
                Stream<Path> files = Files.list(folder.resolve("images"))) {
            List<Path> images = files.sorted().toList();
            for (Path image : images.subList(0, 3)) {
                show(image, predictor);
            }
            int right = 0;
            long start = System.nanoTime();
            for (Path image : images) {
                String seen =
                        predictor.predict(Files.readAllBytes(image)).get(0).label();
                // 0042-seven.png
                if (image.getFileName().toString().endsWith("-" + seen + ".png")) {
                    right++;
                }
            }
            double millis = (System.nanoTime() - start) / 1e6 / images.size();
            System.out.printf(
                    "%nright on %d of %d held-back digits (%.1f %%), %.1f ms an image%n",
                    right, images.size(), 100.0 * right / images.size(), millis);
        }
    }
}
