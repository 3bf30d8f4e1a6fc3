package dev.cresset.examples;

import dev.cresset.Predictor;
import dev.cresset.handler.TensorHandler;
import dev.cresset.mar.ModelArchive;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * Scores the rows of a table: {@code RiskScore model.mar table.csv}. The table has a line of names, then a row of numbers a
 * line, the last of which is what really was: 0 or 1. Without arguments, it scores tumours of scikit-learn's breast-cancer
 * table.
 */
public final class RiskScore {

    private RiskScore() {}

    /** Runs the example. */
    public static void main(String[] args) throws IOException {
        Path model = Path.of(args.length > 0 ? args[0] : "fixtures/risk/risk.mar");
        Path table = Path.of(args.length > 1 ? args[1] : "fixtures/risk/heldback.csv");
        List<String> lines = Files.readAllLines(table);

        try (ModelArchive archive = ModelArchive.open(model);
                Predictor<float[], float[]> predictor = Predictor.open(archive, TensorHandler.ofFloats())) {
            int right = 0;
            long nanos = 0;
            for (String line : lines.subList(1, lines.size())) {
                float[] numbers = numbers(line);
                float[] features = Arrays.copyOf(numbers, numbers.length - 1);
                boolean truth = numbers[numbers.length - 1] == 1;

                long start = System.nanoTime();
                float risk = predictor.predict(features)[0];
                nanos += System.nanoTime() - start;

                boolean asTruth = (risk >= 0.5f) == truth;
                right += asTruth ? 1 : 0;
                System.out.printf(
                        "%6.2f %%  %-20s%s%n", 100 * risk, "#".repeat(Math.round(20 * risk)), asTruth ? "" : " wrong");
            }
            int rows = lines.size() - 1;
            System.out.printf(
                    "%nright on %d of %d rows (%.1f %%), %.0f microseconds a row%n",
                    right, rows, 100.0 * right / rows, nanos / 1e3 / rows);
        }
    }

    private static float[] numbers(String line) {
        String[] cells = line.split(",", -1);
        float[] numbers = new float[cells.length];
        for (int i = 0; i < cells.length; i++) {
            numbers[i] = Float.parseFloat(cells[i]);
        }
        return numbers;
    }
}
