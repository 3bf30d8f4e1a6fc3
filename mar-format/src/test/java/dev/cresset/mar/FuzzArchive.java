package dev.cresset.mar;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * Fuzz target: does all there is to do with a file of any bytes. A refusal is right; whatever else escapes is a bug, and so
 * is a file that is left over, and two ways of reading that disagree.
 *
 * <p>A fuzzer cannot guess a gzip's compression and a header's checksum. So the first byte says whether the rest is the file
 * itself, a tar whose checksums are put right before it is gzipped, or a list of changes to a right zip.
 */
final class FuzzArchive {
    static final byte FILE = 0;
    static final byte TAR = 1;
    static final byte ZIP = 2;

    /** Small ones, so that no run takes long and each limit is met. */
    private static final ArchiveLimits LIMITS = ArchiveLimits.builder()
            .maxEntries(20)
            .maxNameLength(64)
            .maxDepth(5)
            .maxEntryBytes(1 << 20)
            .maxTotalBytes(2 << 20)
            .build();

    private static final Path DIRECTORY = directory();

    private FuzzArchive() {}

    /** Called by the fuzzer. */
    public static void fuzzerTestOneInput(byte[] input) throws IOException {
        if (input.length == 0) {
            return;
        }
        byte[] rest = Arrays.copyOfRange(input, 1, input.length);
        byte[] bytes = switch (input[0] % 3) {
            case FILE -> rest;
            case TAR -> HostileTar.gzip(FuzzedTar.withChecksums(rest));
            default -> FuzzedZip.of(rest);
        };
        Path path = Files.write(DIRECTORY.resolve("m.mar"), bytes);
        Exercise.of(path, DIRECTORY.resolve("out"), LIMITS);
        assertThat(names(DIRECTORY)).as("files left").containsExactly("m.mar");
    }

    /** A folder that goes when the process ends. */
    private static Path directory() {
        try {
            Path directory = Files.createTempDirectory("fuzz");
            directory.toFile().deleteOnExit();
            directory.resolve("m.mar").toFile().deleteOnExit();
            return directory;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> names(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> String.valueOf(file.getFileName())).toList();
        }
    }
}
