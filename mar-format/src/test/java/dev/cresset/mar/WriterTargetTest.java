package dev.cresset.mar;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cresset.mar.ArchiveException.Rule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Where archives are written to: what is there is replaced when asked, and otherwise kept. */
class WriterTargetTest {
    private final Path store;
    private final ModelArchiveWriter.Builder writer =
            ModelArchiveWriter.builder("digits", "1", "base_handler").extraFile("new.txt", "new".getBytes(UTF_8));

    WriterTargetTest(@TempDir Path directory) throws IOException {
        store = Files.createDirectory(directory.resolve("store"));
    }

    private Path target(ArchiveFormat format) {
        return store.resolve("digits" + format.extension());
    }

    private Path writeOld(ArchiveFormat format) throws IOException {
        return ModelArchiveWriter.builder("digits", "0", "base_handler")
                .extraFile("old.txt", "old".getBytes(UTF_8))
                .format(format)
                .build()
                .write(store);
    }

    private List<Path> inStore() throws IOException {
        try (Stream<Path> files = Files.list(store)) {
            return files.toList();
        }
    }

    private static String version(Path archivePath) throws IOException {
        try (ModelArchive archive = ModelArchive.open(archivePath)) {
            return archive.manifest().model().modelVersion();
        }
    }

    @ParameterizedTest
    @EnumSource
    void write_leavesOnlyTheArchive(ArchiveFormat format) throws IOException {
        Path written = writer.format(format).build().write(store);

        assertThat(inStore()).containsExactly(written);
    }

    @ParameterizedTest
    @EnumSource
    void write_whereAnArchiveIs(ArchiveFormat format) throws IOException {
        Path old = writeOld(format);

        Refused.doing(() -> writer.format(format).build().write(store), target(format), Rule.TARGET)
                .hasMessage(old.getFileName() + ": cannot be written: it is there already, in '" + store
                        + "'; remove it, or ask for it to be replaced (force)");

        assertThat(version(old)).isEqualTo("0");
        assertThat(inStore()).containsExactly(old);
    }

    @ParameterizedTest
    @EnumSource
    void force_replacesTheArchive(ArchiveFormat format) throws IOException {
        Path old = writeOld(format);

        writer.format(format).force(true).build().write(store);

        assertThat(inStore()).containsExactly(old);
        try (ModelArchive archive = ModelArchive.open(old)) {
            assertThat(archive.entries()).containsExactlyInAnyOrder("new.txt", "MAR-INF/MANIFEST.json");
        }
    }

    @ParameterizedTest
    @EnumSource
    void force_whereNothingIs(ArchiveFormat format) throws IOException {
        Path written = writer.format(format).force(true).build().write(store);

        assertThat(version(written)).isEqualTo("1");
    }

    @ParameterizedTest
    @EnumSource
    void force_keepsTheArchiveWhenPackingFails(ArchiveFormat format) throws IOException {
        Path old = writeOld(format);

        assertThatThrownBy(() -> writer.format(format).force(true).build().write(store, (entry, done, total) -> {
                    throw new IllegalArgumentException("enough");
                }))
                .hasMessage("enough");

        assertThat(version(old)).isEqualTo("0");
        assertThat(inStore()).containsExactly(old);
    }

    @Test
    void force_folderThatIsNoArchive() throws IOException {
        Path sources = Files.createDirectory(store.resolve("digits"));
        Files.writeString(sources.resolve("train.py"), "precious");

        Refused.doing(
                        () -> writer.format(ArchiveFormat.NO_ARCHIVE)
                                .force(true)
                                .build()
                                .write(store),
                        sources,
                        Rule.TARGET)
                .hasMessageContaining("has no MAR-INF/MANIFEST.json and so is no archive that may be replaced");

        assertThat(sources.resolve("train.py")).hasContent("precious");
    }

    @Test
    void force_fileWhereAFolderGoes() throws IOException {
        Path file = Files.writeString(store.resolve("digits"), "precious");

        Refused.doing(
                        () -> writer.format(ArchiveFormat.NO_ARCHIVE)
                                .force(true)
                                .build()
                                .write(store),
                        file,
                        Rule.TARGET)
                .hasMessage("digits: cannot be written: a file has its name; remove it");
    }

    @Test
    void force_folderWhereAFileGoes() throws IOException {
        Path folder = Files.createDirectory(store.resolve("digits.mar"));

        Refused.doing(() -> writer.force(true).build().write(store), folder, Rule.TARGET)
                .hasMessage("digits.mar: cannot be written: a folder has its name; remove it");
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void force_replacesALinkAndNotWhatItLeadsTo() throws IOException {
        Path precious = Files.writeString(store.resolve("precious"), "precious");
        Path link = Files.createSymbolicLink(store.resolve("digits.mar"), precious);

        writer.force(true).build().write(store);

        assertThat(precious).hasContent("precious");
        assertThat(version(link)).isEqualTo("1");
    }

    @Test
    void write_whereAnArchiveCameMeanwhile() throws IOException {
        Path target = target(ArchiveFormat.DEFAULT);

        assertThatThrownBy(() -> writer.build().write(store, (entry, done, total) -> writeFile(target)))
                .isInstanceOf(ArchiveException.class)
                .hasMessageContaining("cannot be written to '" + store + "' (FileAlreadyExistsException");

        assertThat(target).hasContent("from another");
        assertThat(inStore()).containsExactly(target);
    }

    @Test
    void write_toAMissingFolder() {
        Path missing = store.resolve("no");

        Refused.doing(() -> writer.build().write(missing), missing.resolve("digits.mar"), Rule.TARGET)
                .hasMessage(
                        "digits.mar: cannot be written: no folder is at '" + missing + "'; make it, or give another");
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void write_isAsReadableAsAnyNewFile() throws IOException {
        Path any = Files.writeString(store.resolve("any"), "");

        Path file = writer.build().write(store);
        Path folder = writer.format(ArchiveFormat.NO_ARCHIVE).build().write(store);

        assertThat(permissions(file)).isEqualTo(permissions(any));
        assertThat(permissions(folder.resolve("new.txt"))).isEqualTo(permissions(any));
        assertThat(permissions(folder)).isEqualTo(permissions(Files.createDirectory(store.resolve("anyFolder"))));
    }

    private static String permissions(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }

    private static void writeFile(Path file) {
        try {
            Files.writeString(file, "from another");
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
