package dev.cresset.pt2;

import dev.cresset.mar.ArchiveException;
import dev.cresset.mar.ArchiveLimits;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Fuzz target: reads all there is to read of a {@code .pt2}. A refusal is right; whatever else escapes is a bug.
 *
 * <p>A fuzzer cannot guess checksums. So the first byte says whether the rest is the file itself, or one of the texts in a
 * right one.
 */
final class FuzzProgram {
    static final byte FILE = 0;
    static final byte PROGRAM = 1;
    static final byte WEIGHTS = 2;

    private static final ArchiveLimits LIMITS =
            ArchiveLimits.builder().maxProgramBytes(1 << 16).build();

    private static final Path DIRECTORY = directory();

    private FuzzProgram() {}

    /** Called by the fuzzer. */
    public static void fuzzerTestOneInput(byte[] input) throws IOException {
        if (input.length == 0) {
            return;
        }
        byte[] rest = Arrays.copyOfRange(input, 1, input.length);
        Path path = switch (input[0] % 3) {
            case FILE -> Files.write(DIRECTORY.resolve("m.pt2"), rest);
            case PROGRAM ->
                Pt2File.like("torch-2.13.pt2").with("models/model.json", rest).in(DIRECTORY);
            default ->
                Pt2File.like("torch-2.13.pt2")
                        .with("data/weights/model_weights_config.json", rest)
                        .in(DIRECTORY);
        };
        try {
            Pt2Archive.isPt2(path);
            try (Pt2Archive archive = Pt2Archive.open(path, LIMITS)) {
                archive.verify();
            }
        } catch (ArchiveException e) {
            // Right: all that may come of it.
            if (!String.valueOf(e.getMessage()).startsWith("m.pt2: ")) {
                throw e;
            }
        }
    }

    /** A folder that goes when the process ends. */
    private static Path directory() {
        try {
            Path directory = Files.createTempDirectory("fuzz");
            directory.toFile().deleteOnExit();
            directory.resolve("m.pt2").toFile().deleteOnExit();
            return directory;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
