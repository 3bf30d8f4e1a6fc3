package dev.cresset.mar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cresset.mar.ArchiveException.Rule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Entries on disk: all of them or one, whole or not at all. */
class UnpackTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"full.mar", "stored.mar", "packed.tar.gz"})
    void unpack_givesTheSameArchive(String name) throws IOException {
        Path folder = directory.resolve("out");
        try (ModelArchive archive = ModelArchive.open(RealArchives.path(name))) {
            archive.unpack(folder);

            try (ModelArchive unpacked = ModelArchive.open(folder)) {
                assertThat(unpacked.manifest()).isEqualTo(archive.manifest());
                assertThat(unpacked.config()).isEqualTo(archive.config());
                assertThat(unpacked.entries()).containsExactlyInAnyOrderElementsOf(archive.entries());
                for (String entry : archive.entries()) {
                    assertThat(unpacked.read(entry)).isEqualTo(archive.read(entry));
                }
            }
        }
        assertThat(inDirectory()).containsExactly(folder);
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void unpack_isPrivate() throws IOException {
        Path folder = directory.resolve("out");
        try (ModelArchive archive = ModelArchive.open(RealArchives.path("full.mar"))) {
            archive.unpack(folder);
        }

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)))
                .isEqualTo("rwx------");
    }

    @Test
    void unpack_tellsHowFarItIs() throws IOException {
        List<String> told = new ArrayList<>();
        try (ModelArchive archive = ModelArchive.open(RealArchives.path("packed.tar.gz"))) {
            archive.unpack(
                    directory.resolve("out"), (entry, done, total) -> told.add(entry + " " + done + "/" + total));
        }

        assertThat(told).containsExactly("digits.pt 55/284", "MAR-INF/MANIFEST.json 284/284");
    }

    @Test
    void unpack_damagedLeavesNothing() throws IOException {
        Path file = HostileZip.withManifest()
                .stored("a", "right")
                .stored(
                        "model.pt",
                        "right",
                        part -> part.data = "wrong".getBytes(java.nio.charset.StandardCharsets.UTF_8))
                .in(directory);

        try (ModelArchive archive = ModelArchive.open(file)) {
            Refused.doing(() -> archive.unpack(directory.resolve("out")), file, Rule.DAMAGED);
            Refused.doing(() -> archive.extract("model.pt", directory.resolve("model.pt")), file, Rule.DAMAGED);
            Refused.doing(archive::verify, file, Rule.DAMAGED);
        }
        assertThat(inDirectory()).containsExactly(file);
    }

    @Test
    void unpack_listenerThatFailsLeavesNothing() throws IOException {
        try (ModelArchive archive = ModelArchive.open(RealArchives.path("full.mar"))) {
            assertThatThrownBy(() -> archive.unpack(directory.resolve("out"), (entry, done, total) -> {
                        throw new IllegalArgumentException("enough");
                    }))
                    .hasMessage("enough");
        }
        assertThat(inDirectory()).isEmpty();
    }

    @Test
    void unpack_whereSomethingIs() throws IOException {
        Path there = Files.writeString(directory.resolve("there"), "precious");
        Path archivePath = RealArchives.path("full.mar");
        try (ModelArchive archive = ModelArchive.open(archivePath)) {
            Refused.doing(() -> archive.unpack(there), archivePath, Rule.TARGET)
                    .hasMessageContaining("which is there already; give a path that is free");
            Refused.doing(() -> archive.unpack(directory), archivePath, Rule.TARGET);
            Refused.doing(() -> archive.extract("digits.pt", there), archivePath, Rule.TARGET);
        }
        assertThat(there).hasContent("precious");
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void unpack_whereALinkIs() throws IOException {
        Path elsewhere = directory.resolve("elsewhere");
        Path link = Files.createSymbolicLink(directory.resolve("out"), elsewhere);
        Path archivePath = RealArchives.path("full.mar");
        try (ModelArchive archive = ModelArchive.open(archivePath)) {
            Refused.doing(() -> archive.unpack(link), archivePath, Rule.TARGET);
        }
        assertThat(elsewhere).doesNotExist();
    }

    @Test
    void unpack_intoAMissingFolder() throws IOException {
        Path archivePath = RealArchives.path("full.mar");
        try (ModelArchive archive = ModelArchive.open(archivePath)) {
            Refused.doing(() -> archive.unpack(directory.resolve("no/out")), archivePath, Rule.TARGET)
                    .hasMessageContaining("give a path in a folder that this process may write to");
        }
    }

    @Test
    void unpack_afterClose() throws IOException {
        ModelArchive archive = ModelArchive.open(RealArchives.path("full.mar"));
        archive.close();

        assertThatIllegalStateException().isThrownBy(() -> archive.unpack(directory.resolve("out")));
        assertThatIllegalStateException().isThrownBy(archive::verify);
        assertThat(inDirectory()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"full.mar", "stored.mar", "packed.tar.gz"})
    void extract_oneEntry(String name) throws IOException {
        Path file = directory.resolve("model.pt");
        try (ModelArchive archive = ModelArchive.open(RealArchives.path(name))) {
            archive.extract("digits.pt", file);
        }

        assertThat(file).hasContent(RealArchives.WEIGHTS);
        assertThat(inDirectory()).containsExactly(file);
    }

    @Test
    void extract_noSuchEntry() throws IOException {
        Path archivePath = RealArchives.path("full.mar");
        try (ModelArchive archive = ModelArchive.open(archivePath)) {
            Refused.doing(() -> archive.extract("gone", directory.resolve("gone")), archivePath, Rule.NO_SUCH_ENTRY);
        }
        assertThat(inDirectory()).isEmpty();
    }

    private List<Path> inDirectory() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.toList();
        }
    }
}
