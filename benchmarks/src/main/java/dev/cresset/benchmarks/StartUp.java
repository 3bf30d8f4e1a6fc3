package dev.cresset.benchmarks;

import dev.cresset.Model;
import dev.cresset.ModelOptions;
import dev.cresset.Predictor;
import dev.cresset.engine.Optimization;
import dev.cresset.mar.ModelArchive;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Opens a model or an archive, predicts once, checks the answer, and ends: what startup.sh times from outside. Prints the
 * seconds from its first line to the answer.
 *
 * <p>Its arguments are the file, which of {@link Recorded} is in it, and {@code FROZEN} or {@code AUTO}. With {@code
 * cresset.trace} it says how many milliseconds after the JVM's start each step ended.
 */
public final class StartUp {

    private StartUp() {}

    /** Starts, answers once and ends. */
    public static void main(String[] args) throws IOException {
        long start = System.nanoTime();
        said("main");
        Path file = Path.of(args[0]);
        Recorded model = Recorded.valueOf(args[1]);
        ModelOptions.Builder options = ModelOptions.builder();
        if (args[2].equals("FROZEN")) {
            options.optimization(Optimization.FROZEN);
        }
        if (file.toString().endsWith(".pt")) {
            answerModel(file, model, options.build());
        } else {
            answerArchive(file, model, options.build());
        }
        System.out.println((System.nanoTime() - start) / 1e9);
    }

    private static void answerModel(Path file, Recorded recorded, ModelOptions options) throws IOException {
        try (Model model = Model.open(file, options);
                Tensor x = Tensor.of(recorded.input(1), recorded.shape(1));
                Value y = model.forward(x)) {
            recorded.check(y.asTensor().toFloatArray(), 1);
        }
    }

    private static void answerArchive(Path file, Recorded recorded, ModelOptions options) throws IOException {
        float[] input = recorded.input(1);
        try (ModelArchive archive = ModelArchive.open(file)) {
            said("archive open");
            try (Predictor<float[], float[]> predictor = Predictor.builder(archive, new Floats(recorded.shape(1)))
                    .modelOptions(options)
                    .example(input)
                    .open()) {
                said("predictor open");
                recorded.check(predictor.predict(input), 1);
                said("predicted");
            }
        }
    }

    private static void said(String step) {
        if (Boolean.getBoolean("cresset.trace")) {
            long started =
                    java.lang.management.ManagementFactory.getRuntimeMXBean().getStartTime();
            System.err.println(step + " " + (System.currentTimeMillis() - started));
        }
    }
}
