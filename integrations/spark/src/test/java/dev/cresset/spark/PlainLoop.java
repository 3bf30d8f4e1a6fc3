package dev.cresset.spark;

import dev.cresset.Batching;
import dev.cresset.ModelOptions;
import dev.cresset.Outcome;
import dev.cresset.Predictor;
import dev.cresset.handler.ImageClassifier;
import dev.cresset.handler.TensorHandler;
import dev.cresset.mar.ModelArchive;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Stream;

/** What an executor does, without Spark: rows in memory through a predictor, on one thread. Prints CPU and wall time a row. */
public final class PlainLoop {

    private PlainLoop() {}

    /** Arguments: the archive, how many rows, and for images their folder. */
    public static void main(String[] args) throws Exception {
        Path model = Path.of(args[0]);
        int rows = Integer.parseInt(args[1]);
        try (ModelArchive archive = ModelArchive.open(model)) {
            if (args.length == 2) {
                float[][] features = new float[10_000][];
                for (int i = 0; i < features.length; i++) {
                    features[i] = RiskRows.features(i);
                }
                run(Predictor.builder(archive, TensorHandler.ofFloats(30)), rows, i -> features[i % features.length]);
            } else {
                List<byte[]> images = images(Path.of(args[2]));
                run(Predictor.builder(archive, ImageClassifier.of(archive)), rows, i -> images.get(i % images.size()));
            }
        }
    }

    private static List<byte[]> images(Path folder) throws IOException {
        List<byte[]> images = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.sorted().toList()) {
                images.add(Files.readAllBytes(file));
            }
        }
        return images;
    }

    private static <I, O> void run(Predictor.Builder<I, O> builder, int rows, IntFunction<I> row) throws IOException {
        builder.modelOptions(ModelOptions.builder().intraOpThreads(1).build())
                .workers(1)
                .batching(Batching.upTo(64));
        try (Predictor<I, O> predictor = builder.open()) {
            score(predictor, rows, row);
            long wall = System.nanoTime();
            long cpu = cpu();
            score(predictor, rows, row);
            System.out.println(
                    "RESULT " + (cpu() - cpu) / (double) rows + " " + (System.nanoTime() - wall) / (double) rows);
        }
    }

    private static long cpu() {
        return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime();
    }

    private static <I, O> void score(Predictor<I, O> predictor, int rows, IntFunction<I> row) {
        int atOnce = 4 * predictor.batching().maxSize();
        for (int start = 0; start < rows; start += atOnce) {
            List<I> some = new ArrayList<>(atOnce);
            for (int i = start; i < Math.min(rows, start + atOnce); i++) {
                some.add(row.apply(i));
            }
            for (Outcome<O> outcome : predictor.predictEach(some)) {
                outcome.answer();
            }
        }
    }
}
