package dev.cresset.mar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.TimeZone;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The same files give the same archive: whenever they were made, in whatever order they come, wherever they are packed. */
class ReproducibleTest {
    /** On clocks in New York there is no such time: they go from 2 to 3. */
    private static final Instant TIME = Instant.parse("2024-03-10T02:30:42Z");

    private final TimeZone zone = TimeZone.getDefault();
    private final ArchiverInputs inputs;
    private final Path store;

    ReproducibleTest(@TempDir Path directory) throws IOException {
        inputs = new ArchiverInputs(directory.resolve("inputs"));
        store = Files.createDirectory(directory.resolve("store"));
    }

    @AfterEach
    void restoreZone() {
        TimeZone.setDefault(zone);
    }

    private ModelArchiveWriter.Builder writer(List<Path> extras) {
        ModelArchiveWriter.Builder writer =
                ModelArchiveWriter.builder("digits", "1", "base_handler").reproducible(TIME);
        extras.forEach(writer::extraFile);
        return writer;
    }

    @ParameterizedTest
    @EnumSource(names = {"DEFAULT", "ZIP_STORE", "TGZ"})
    void write_twiceAlike(ArchiveFormat format) throws IOException {
        List<Path> extras = new ArrayList<>(Stream.of("digits.pt", "tree", "needs.txt", "net.py")
                .map(inputs::path)
                .toList());
        TimeZone.setDefault(TimeZone.getTimeZone("UTC"));
        byte[] one = Files.readAllBytes(writer(extras).format(format).build().write(store));

        for (Path extra : extras) {
            Files.setLastModifiedTime(extra, FileTime.fromMillis(1_000_000_000_000L));
        }
        TimeZone.setDefault(TimeZone.getTimeZone("America/New_York"));
        Collections.reverse(extras);
        byte[] other = Files.readAllBytes(
                writer(extras).format(format).force(true).build().write(store));

        assertThat(other).isEqualTo(one);
    }

    @Test
    void write_folderWithItsTime() throws IOException {
        Path folder = writer(List.of(inputs.path("tree")))
                .format(ArchiveFormat.NO_ARCHIVE)
                .build()
                .write(store);

        try (Stream<Path> files = Files.walk(folder)) {
            assertThat(files.filter(Files::isRegularFile))
                    .isNotEmpty()
                    .allSatisfy(
                            file -> assertThat(Files.getLastModifiedTime(file).toInstant())
                                    .isEqualTo(TIME));
        }
    }

    @Test
    void createdOn_isInUtc() throws IOException {
        TimeZone.setDefault(TimeZone.getTimeZone("America/New_York"));

        try (ModelArchive archive = ModelArchive.open(writer(List.of()).build().write(store))) {
            assertThat(archive.manifest().createdOn()).contains("10/03/2024 02:30:42");
            assertThat(archive.manifest().archiverVersion().orElseThrow()).matches("cresset-\\d+\\.\\d+\\.\\d+.*");
        }
    }

    @Test
    void times_ofZipEntriesAreTheGivenOne() throws IOException {
        try (ZipFile zip = new ZipFile(
                writer(List.of(inputs.path("tree"))).build().write(store).toFile())) {
            for (Enumeration<? extends ZipEntry> entries = zip.entries(); entries.hasMoreElements(); ) {
                assertThat(entries.nextElement().getTimeLocal()).isEqualTo(LocalDateTime.parse("2024-03-10T02:30:42"));
            }
        }
    }

    @Test
    void times_ofZipEntriesAreTheFilesOwnElsewhere() throws IOException {
        Files.setLastModifiedTime(inputs.path("needs.txt"), FileTime.from(TIME));
        TimeZone.setDefault(TimeZone.getTimeZone("Asia/Tokyo"));
        Path written = ModelArchiveWriter.builder("digits", "1", "base_handler")
                .extraFile(inputs.path("needs.txt"))
                .build()
                .write(store);

        try (ZipFile zip = new ZipFile(written.toFile())) {
            assertThat(zip.getEntry("needs.txt").getTimeLocal()).isEqualTo(LocalDateTime.parse("2024-03-10T11:30:42"));
        }
    }

    /** Some file systems and tools set 1970 on everything. */
    @ParameterizedTest
    @EnumSource
    void times_beyondAZipsClock(ArchiveFormat format) throws IOException {
        Files.setLastModifiedTime(inputs.path("needs.txt"), FileTime.fromMillis(0));

        Path written = ModelArchiveWriter.builder("digits", "1", "base_handler")
                .extraFile(inputs.path("needs.txt"))
                .format(format)
                .build()
                .write(store);

        try (ModelArchive archive = ModelArchive.open(written)) {
            assertThat(archive.read("needs.txt")).asString().isEqualTo("numpy\n");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"1979-12-31T23:59:59Z", "2108-01-01T00:00:00Z"})
    void reproducible_timeBeyondAZipsClock(Instant time) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> writer(List.of()).reproducible(time))
                .withMessageStartingWith("the time is " + time + ", expected one from 1980-01-01T00:00:00Z to ");
    }
}
