package dev.cresset.mar;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.cresset.mar.ArchiveException.Rule;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Unpacked archives. */
class FolderTest {
    @TempDir
    Path directory;

    private Path folder = Path.of("");

    @BeforeEach
    void makeFolder() throws IOException {
        folder = directory.resolve("digits");
        write("MAR-INF/MANIFEST.json", HostileZip.MANIFEST);
        write("model.pt", "weights");
        write("code/deep/net.py", "class Net: pass");
    }

    private void write(String name, String content) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.resolve("..").normalize());
        Files.writeString(file, content);
    }

    @Test
    void open_folder() throws IOException {
        try (ModelArchive archive = ModelArchive.open(folder)) {
            assertThat(archive.format()).isEqualTo(ArchiveFormat.NO_ARCHIVE);
            assertThat(archive.entries()).containsExactly("MAR-INF/MANIFEST.json", "code/deep/net.py", "model.pt");
            assertThat(archive.read("model.pt")).asString(UTF_8).isEqualTo("weights");
            assertThat(archive.size("code/deep/net.py")).isEqualTo(15);
            assertThat(archive.manifest().model().modelName()).isEqualTo("m");
        }
    }

    @Test
    void open_folderInAFolder() throws IOException {
        try (ModelArchive archive = ModelArchive.open(directory)) {
            assertThat(archive.entries()).contains("model.pt");
        }
    }

    @Test
    void open_folderWithoutManifest() throws IOException {
        Files.delete(folder.resolve("MAR-INF/MANIFEST.json"));

        try (ModelArchive archive = ModelArchive.open(folder)) {
            assertThat(archive.manifest().model().modelName()).isEqualTo("digits");
            assertThat(archive.manifest().model().modelVersion()).isEqualTo("1.0");
        }
    }

    @Test
    void open_emptyFolder() throws IOException {
        Path empty = Files.createDirectory(directory.resolve("empty"));

        Refused.opening(empty, Rule.MISSING_MANIFEST)
                .hasMessageContaining("has no MAR-INF/MANIFEST.json, and no other file");
    }

    @Test
    void open_workflowFolder() throws IOException {
        Files.move(folder.resolve("MAR-INF"), folder.resolve("WAR-INF"));

        Refused.opening(folder, Rule.MISSING_MANIFEST).hasMessageContaining("it is a TorchServe workflow");
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void open_linksAsKubernetesMakesThem() throws IOException {
        Path mount = Files.createDirectory(directory.resolve("mount"));
        Files.move(folder, mount.resolve("..2026_11_23"));
        Files.createSymbolicLink(mount.resolve("..data"), Path.of("..2026_11_23"));
        Files.createSymbolicLink(mount.resolve("MAR-INF"), Path.of("..data/MAR-INF"));
        Files.createSymbolicLink(mount.resolve("model.pt"), Path.of("..data/model.pt"));

        try (ModelArchive archive = ModelArchive.open(mount)) {
            assertThat(archive.manifest().model().modelName()).isEqualTo("m");
            assertThat(archive.read("model.pt")).asString(UTF_8).isEqualTo("weights");
        }
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void open_linkOutOfTheFolder() throws IOException {
        Path secret = Files.writeString(directory.resolve("secret"), "secret");
        Files.createSymbolicLink(folder.resolve("labels.json"), secret);

        Refused.opening(folder, Rule.UNSUPPORTED_ENTRY)
                .hasMessageContaining("entry 'labels.json' is a link that leaves the folder");
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void open_linkToASiblingOfTheSameBeginning() throws IOException {
        Path sibling = Files.createDirectory(directory.resolve("digits-secret"));
        Files.createSymbolicLink(folder.resolve("labels"), sibling);

        Refused.opening(folder, Rule.UNSUPPORTED_ENTRY).hasMessageContaining("is a link that leaves the folder");
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void open_linkToNowhere() throws IOException {
        Files.createSymbolicLink(folder.resolve("labels.json"), Path.of("gone"));

        Refused.opening(folder, Rule.UNSUPPORTED_ENTRY).hasMessageContaining("is a link that leads nowhere");
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void open_linkToItsOwnFolder() throws IOException {
        Files.createSymbolicLink(folder.resolve("code/again"), Path.of(".."));

        Refused.opening(folder, Rule.UNSUPPORTED_ENTRY)
                .hasMessageContaining("is a link to a folder that it is itself in");
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void open_linksThatLeadToEachOther() throws IOException {
        write("a/one", "");
        write("b/one", "");
        Files.createSymbolicLink(folder.resolve("a/b"), Path.of("../b"));
        Files.createSymbolicLink(folder.resolve("b/a"), Path.of("../a"));

        Refused.opening(folder, Rule.LIMIT).hasMessageContaining("raise ArchiveLimits.maxDepth");
    }

    @Test
    void open_tooManyFiles() throws IOException {
        Refused.opening(folder, ArchiveLimits.builder().maxEntries(3).build(), Rule.LIMIT)
                .hasMessageContaining("holds more than 3 entries");
    }

    @Test
    void open_tooLarge() throws IOException {
        Refused.opening(folder, ArchiveLimits.builder().maxEntryBytes(6).build(), Rule.LIMIT)
                .hasMessageContaining("raise ArchiveLimits.maxEntryBytes");
    }

    @Test
    void read_fileThatGrewSince() throws IOException {
        try (ModelArchive archive = ModelArchive.open(folder)) {
            write("model.pt", "heavier weights");

            Refused.doing(() -> archive.read("model.pt"), folder, Rule.DAMAGED)
                    .hasMessageContaining("holds more than the 7 bytes that it declares");
        }
    }

    @Test
    void read_fileThatShrankSince() throws IOException {
        try (ModelArchive archive = ModelArchive.open(folder)) {
            write("model.pt", "w");

            Refused.doing(() -> archive.read("model.pt"), folder, Rule.DAMAGED)
                    .hasMessageContaining("ends after 1 bytes, expected 7");
        }
    }

    @Test
    void read_fileThatIsGone() throws IOException {
        try (ModelArchive archive = ModelArchive.open(folder)) {
            Files.delete(folder.resolve("model.pt"));

            Refused.doing(() -> archive.read("model.pt"), folder, Rule.DAMAGED)
                    .hasMessageContaining("entry 'model.pt' cannot be read");
        }
    }

    @Test
    void read_afterClose() throws IOException {
        ModelArchive archive = ModelArchive.open(folder);
        InputStream stream = archive.newInputStream("model.pt");
        archive.close();

        assertThatIllegalStateException().isThrownBy(() -> archive.read("model.pt"));
        assertThatIllegalStateException().isThrownBy(stream::read);
        assertThat(archive.entries()).contains("model.pt");
        stream.close();
    }

    @Test
    void sha256_isOfNamesAndContents() throws IOException {
        String before = sha256(folder);
        Path copy = directory.resolve("copy");
        try (ModelArchive archive = ModelArchive.open(folder)) {
            archive.unpack(copy);
        }
        assertThat(sha256(copy)).isEqualTo(before);

        write("model.pt", "Weights");
        assertThat(sha256(folder)).isNotEqualTo(before);
        write("model.pt", "weights");
        Files.move(folder.resolve("model.pt"), folder.resolve("other.pt"));
        assertThat(sha256(folder)).isNotEqualTo(before);
    }

    private static String sha256(Path path) throws IOException {
        try (ModelArchive archive = ModelArchive.open(path)) {
            return archive.sha256();
        }
    }
}
