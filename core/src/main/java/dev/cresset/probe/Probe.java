package dev.cresset.probe;

import dev.cresset.InferenceException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;

/**
 * Says of a model what becomes of a JVM that opens and calls it: {@code java -cp ... dev.cresset.probe.Probe [--memory 4g] [--timeout 60]
 * model.mar}, or {@code .pt}. Ends with 0 if it is ready, with 1 if it is not, and with 2 if it cannot be tried. See {@link ModelProbe}.
 */
public final class Probe {

    private static final String USAGE = """
            usage: java -cp ... dev.cresset.probe.Probe [--memory BYTES] [--timeout SECONDS] MODEL
              MODEL              an archive, or what torch.jit.save wrote
              --memory BYTES     how much it may take, such as 512m or 4g (the default)
              --timeout SECONDS  how long it may take; 60 unless set""";

    private Probe() {}

    /** Prints the report. */
    public static void main(String[] args) {
        System.exit(run(args));
    }

    static int run(String... args) {
        ModelProbe.Builder builder = ModelProbe.builder();
        try {
            for (int i = 0; i < args.length - 1; i += 2) {
                option(builder, args[i], args[i + 1]);
            }
            if (args.length % 2 == 0 || args[args.length - 1].startsWith("--")) {
                throw new IllegalArgumentException(USAGE);
            }
            ModelProbe.Report report = builder.build().run(Path.of(args[args.length - 1]));
            System.out.println(report);
            return report.opens() ? 0 : 1;
        } catch (IOException | InferenceException | IllegalArgumentException e) {
            System.err.println(e.getMessage());
            return 2;
        }
    }

    private static void option(ModelProbe.Builder builder, String name, String value) {
        switch (name) {
            case "--memory" -> builder.memory(bytes(value));
            case "--timeout" -> builder.timeout(Duration.ofSeconds(number(value, value)));
            default -> throw new IllegalArgumentException(USAGE);
        }
    }

    private static long bytes(String text) {
        int shift = "kmg".indexOf(text.toLowerCase(Locale.ROOT).charAt(text.length() - 1));
        return shift < 0
                ? number(text, text)
                : Math.multiplyExact(number(text.substring(0, text.length() - 1), text), 1L << (10 * (shift + 1)));
    }

    private static long number(String digits, String shown) {
        try {
            return Long.parseLong(digits);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("'" + shown + "' is no number\n" + USAGE, e);
        }
    }
}
