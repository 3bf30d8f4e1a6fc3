package dev.cresset.benchmarks;

import dev.cresset.ModelOptions;
import dev.cresset.Predictor;
import dev.cresset.engine.Optimization;
import dev.cresset.mar.ModelArchive;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Opens an archive, predicts once, checks the answer, and ends: what startup.sh times from outside.
 *
 * <p>Its arguments are the archive, which of {@link Recorded} is in it, and {@code FROZEN} or {@code AUTO}. With {@code
 * cresset.trace} it says how many milliseconds after the JVM's start each step ended.
 */
public final class StartUp {

    private StartUp() {}

    /** Starts, answers once and ends. */
    public static void main(String[] args) throws IOException {
        said("main");
        Recorded model = Recorded.valueOf(args[1]);
        float[] input = model.input(1);
        ModelOptions.Builder options = ModelOptions.builder();
        if (args[2].equals("FROZEN")) {
            options.optimization(Optimization.FROZEN);
        }
        try (ModelArchive archive = ModelArchive.open(Path.of(args[0]))) {
            said("archive open");
            try (Predictor<float[], float[]> predictor = Predictor.builder(archive, new Floats(model.shape(1)))
                    .modelOptions(options.build())
                    .example(input)
                    .open()) {
                said("predictor open");
                model.check(predictor.predict(input), 1);
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
