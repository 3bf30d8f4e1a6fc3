package dev.cresset.mar;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.mar.ArchiveException.Rule;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Zips that are one thing to a reader of local headers and another to a reader of the directory, and odd entries. */
class LayoutTest {
    @TempDir
    Path directory;

    static Stream<Arguments> lies() {
        return Stream.of(
                lie("name", "has another name in its local header", p -> p.localName = "other.py".getBytes(UTF_8)),
                lie("size", "has size 7 in its local header and 5 in the directory", p -> p.localSizeLie = 2),
                lie("gap", "entries overlap or hide data between them", p -> p.before = new byte[9]));
    }

    private static Arguments lie(String name, String expected, Consumer<HostileZip.Part> change) {
        return Arguments.of(Named.of(name, change), expected);
    }

    @ParameterizedTest
    @MethodSource("lies")
    void open_headersDisagree(Consumer<HostileZip.Part> lie, String expected) {
        Path file = HostileZip.withManifest().stored("model.pt", "right", lie).in(directory);

        Refused.opening(file, Rule.DAMAGED)
                .hasMessageContaining("entry 'model.pt' ")
                .hasMessageContaining(expected)
                .hasMessageContaining("build or copy it again");
    }

    static Stream<Arguments> wrongPlaces() {
        return Stream.of(
                lie("offset", "starts at byte 122, expected 119", p -> p.shift = 3),
                lie("offset after the end", "starts at byte 10,119, expected 119", p -> p.shift = 10_000),
                lie("end", "ends beyond the start of the directory", p -> p.size = p.compressedSize = 100_000),
                lie("negative size", "has impossible sizes (5 bytes stored for -1)", p -> p.zip64(-1, 5)),
                lie("negative compressed size", "(-1 bytes stored for 5)", p -> p.zip64(5, -1)));
    }

    @ParameterizedTest
    @MethodSource("wrongPlaces")
    void open_directoryPointsElsewhere(Consumer<HostileZip.Part> lie, String expected) {
        Path file = HostileZip.withManifest().stored("model.pt", "right", lie).in(directory);

        Refused.opening(file, Rule.DAMAGED)
                .hasMessageContaining("entry 'model.pt' ")
                .hasMessageContaining(expected);
    }

    @Test
    void open_sizeThatOverflows() {
        Path file = new HostileZip()
                .stored("model.pt", "right", part -> part.zip64(Long.MAX_VALUE, Long.MAX_VALUE))
                .in(directory);
        ArchiveLimits none = ArchiveLimits.builder()
                .maxEntryBytes(Long.MAX_VALUE)
                .maxTotalBytes(Long.MAX_VALUE)
                .build();

        Refused.opening(file, none, Rule.DAMAGED).hasMessageContaining("ends beyond the start of the directory");
        Refused.opening(file, Rule.LIMIT).hasMessageContaining("ArchiveLimits.maxEntryBytes");
    }

    @Test
    void open_zip64() throws IOException {
        Path file = HostileZip.withManifest()
                .stored("model.pt", "right", part -> part.zip64(5, 5))
                .in(directory);

        try (ModelArchive archive = ModelArchive.open(file)) {
            assertThat(archive.read("model.pt")).asString(UTF_8).isEqualTo("right");
        }
    }

    @Test
    void open_overlappingEntries() {
        // Two entries of the directory share one piece of data, as in a bomb that needs no nesting.
        Path file = HostileZip.withManifest()
                .stored("a", "same", part -> part.compressedSize = part.size = 4 + 31 + 4)
                .stored("b", "same")
                .in(directory);

        Refused.opening(file, Rule.DAMAGED).hasMessageContaining("entries overlap");
    }

    @Test
    void open_hiddenEntry() throws IOException {
        byte[] hidden = new HostileZip().stored("model.pt", "evil").bytes();
        byte[] zip = HostileZip.withManifest()
                .stored("model.pt", "good", part -> part.after = Arrays.copyOf(hidden, 42))
                .bytes();
        assertThat(namesInLocalHeaders(zip)).as("what TorchServe would read").isEqualTo(3);
        Path file = Files.write(directory.resolve("m.mar"), zip);

        Refused.opening(file, Rule.DAMAGED)
                .hasMessageContaining("between its last entry")
                .hasMessageContaining("lies data that is not listed");
    }

    private static int namesInLocalHeaders(byte[] zip) throws IOException {
        int names = 0;
        try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(zip))) {
            while (in.getNextEntry() != null) {
                names++;
            }
        }
        return names;
    }

    @Test
    void open_bytesBeforeDirectory() {
        Path file = HostileZip.withManifest().beforeDirectory(new byte[5]).in(directory);

        Refused.opening(file, Rule.DAMAGED).hasMessageContaining("lies data that is not listed");
    }

    static Stream<Arguments> oddEntries() {
        return Stream.of(
                lie("encrypted", "is encrypted", p -> p.flags = 1),
                lie("bzip2", "is compressed by method 12", p -> p.method = 12),
                lie("zstd", "is compressed by method 93", p -> p.method = 93),
                lie("link", "is a link or a device", p -> p.unixMode = 0120777),
                lie("device", "is a link or a device", p -> p.unixMode = 0020666));
    }

    @ParameterizedTest
    @MethodSource("oddEntries")
    void open_oddEntry(Consumer<HostileZip.Part> change, String expected) {
        Path file =
                HostileZip.withManifest().stored("model.pt", "right", change).in(directory);

        Refused.opening(file, Rule.UNSUPPORTED_ENTRY)
                .hasMessageContaining("entry 'model.pt' " + expected)
                .hasMessageContaining("expected a plain file, stored or deflated");
    }

    @Test
    void open_storedWithTwoSizes() {
        Path file = HostileZip.withManifest()
                .stored("model.pt", "right", part -> part.size = 6)
                .in(directory);

        Refused.opening(file, Rule.DAMAGED)
                .hasMessageContaining("entry 'model.pt' has impossible sizes (5 bytes stored for 6)");
    }

    @Test
    void open_plainUnixFile() throws IOException {
        Path file = HostileZip.withManifest()
                .stored("model.pt", "right", part -> part.unixMode = 0100644)
                .in(directory);

        try (ModelArchive archive = ModelArchive.open(file)) {
            assertThat(archive.read("model.pt")).asString(UTF_8).isEqualTo("right");
        }
    }
}
