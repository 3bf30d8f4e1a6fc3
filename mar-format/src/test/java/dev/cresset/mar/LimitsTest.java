package dev.cresset.mar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.cresset.mar.ArchiveException.Rule;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Archives that ask for too much, and limits that make no sense. */
class LimitsTest {
    @TempDir
    Path directory;

    @Test
    void open_tooManyEntries() {
        Path file = HostileZip.withManifest().stored("a", "").stored("b", "").in(directory);

        Refused.opening(file, ArchiveLimits.builder().maxEntries(2).build(), Rule.LIMIT)
                .hasMessageContaining("holds more than 2 entries; raise ArchiveLimits.maxEntries");
    }

    @Test
    void open_directoryTooLarge() {
        HostileZip zip = HostileZip.withManifest();
        for (int i = 0; i < 100; i++) {
            zip.stored("file" + i, "");
        }

        Refused.opening(
                        zip.in(directory),
                        ArchiveLimits.builder().maxDirectoryBytes(2000).build(),
                        Rule.LIMIT)
                .hasMessageContaining("bytes, more than 2,000; raise ArchiveLimits.maxDirectoryBytes");
    }

    @Test
    void open_entryTooLarge() {
        Path file =
                HostileZip.withManifest().stored("model.pt", "x".repeat(1001)).in(directory);

        Refused.opening(file, ArchiveLimits.builder().maxEntryBytes(1000).build(), Rule.LIMIT)
                .hasMessageContaining("entry 'model.pt' expands to more than 1,000 bytes")
                .hasMessageContaining("raise ArchiveLimits.maxEntryBytes if you trust this file");
    }

    @Test
    void open_allEntriesTooLarge() {
        Path file = HostileZip.withManifest()
                .stored("a", "x".repeat(500))
                .stored("b", "x".repeat(500))
                .in(directory);

        Refused.opening(file, ArchiveLimits.builder().maxTotalBytes(1000).build(), Rule.LIMIT)
                .hasMessageContaining("entry 'b' and those before it expand to more than 1,000 bytes")
                .hasMessageContaining("raise ArchiveLimits.maxTotalBytes");
    }

    @Test
    void open_manifestTooLarge() {
        Refused.opening(
                        HostileZip.withManifest().in(directory),
                        ArchiveLimits.builder().maxManifestBytes(20).build(),
                        Rule.LIMIT)
                .hasMessageContaining("MAR-INF/MANIFEST.json has ")
                .hasMessageContaining("more than 20; raise ArchiveLimits.maxManifestBytes");
    }

    @Test
    void open_bomb() {
        Path file = HostileZip.withManifest()
                .deflated("model.pt", new byte[5_000_000], part -> {})
                .in(directory);

        Refused.opening(file, Rule.LIMIT)
                .hasMessageContaining("entry 'model.pt' expands from ")
                .hasMessageContaining("to 5,000,000 bytes, more than 200 times")
                .hasMessageContaining("raise ArchiveLimits.maxCompressionRatio");
    }

    @Test
    void open_bombThatIsTrusted() throws IOException {
        Path file = HostileZip.withManifest()
                .deflated("model.pt", new byte[5_000_000], part -> {})
                .in(directory);
        ArchiveLimits limits = ArchiveLimits.builder().maxCompressionRatio(2000).build();

        try (ModelArchive archive = ModelArchive.open(file, limits)) {
            assertThat(archive.read("model.pt")).hasSize(5_000_000).containsOnly(0);
        }
    }

    @Test
    void read_smallButWellCompressed() throws IOException {
        Path file = HostileZip.withManifest()
                .deflated("zeros.pt", new byte[1 << 20], part -> {})
                .in(directory);

        try (ModelArchive archive = ModelArchive.open(file)) {
            assertThat(archive.read("zeros.pt")).hasSize(1 << 20);
        }
    }

    @Test
    void read_moreThanAnArray() throws IOException {
        Path file = HostileZip.withManifest()
                .deflated("model.pt", new byte[100], part -> part.size = 3_000_000_000L)
                .in(directory);
        ArchiveLimits limits =
                ArchiveLimits.builder().maxCompressionRatio(Integer.MAX_VALUE).build();

        try (ModelArchive archive = ModelArchive.open(file, limits)) {
            Refused.doing(() -> archive.read("model.pt"), file, Rule.LIMIT)
                    .hasMessageContaining(
                            "3,000,000,000 bytes, more than one array holds; read it with newInputStream");
        }
    }

    @Test
    void read_moreThanDeclared() throws IOException {
        Path file = HostileZip.withManifest()
                .deflated("model.pt", new byte[5_000_000], part -> part.size = 10)
                .in(directory);

        try (ModelArchive archive = ModelArchive.open(file)) {
            Refused.doing(() -> archive.read("model.pt"), file, Rule.DAMAGED)
                    .hasMessageContaining("entry 'model.pt' holds more than the 10 bytes that it declares");
        }
    }

    @Test
    void defaults() {
        assertThat(ArchiveLimits.defaults())
                .hasToString("ArchiveLimits[maxEntries=10000, maxNameLength=512, maxDepth=32,"
                        + " maxDirectoryBytes=4194304,"
                        + " maxEntryBytes=4294967296, maxTotalBytes=8589934592, maxCompressionRatio=200,"
                        + " maxManifestBytes=1048576, maxConfigBytes=262144, maxProgramBytes=33554432]");
    }

    static Stream<Arguments> nonsense() {
        return Stream.of(
                Arguments.of("maxEntries", (ThrowingCallable)
                        () -> ArchiveLimits.builder().maxEntries(0)),
                Arguments.of("maxNameLength", (ThrowingCallable)
                        () -> ArchiveLimits.builder().maxNameLength(0)),
                Arguments.of("maxDepth", (ThrowingCallable)
                        () -> ArchiveLimits.builder().maxDepth(0)),
                Arguments.of("maxConfigBytes", (ThrowingCallable)
                        () -> ArchiveLimits.builder().maxConfigBytes(0)),
                Arguments.of("maxProgramBytes", (ThrowingCallable)
                        () -> ArchiveLimits.builder().maxProgramBytes(0)),
                Arguments.of("maxDirectoryBytes", (ThrowingCallable)
                        () -> ArchiveLimits.builder().maxDirectoryBytes(0)),
                Arguments.of("maxEntryBytes", (ThrowingCallable)
                        () -> ArchiveLimits.builder().maxEntryBytes(0)),
                Arguments.of("maxTotalBytes", (ThrowingCallable)
                        () -> ArchiveLimits.builder().maxTotalBytes(0)),
                Arguments.of("maxCompressionRatio", (ThrowingCallable)
                        () -> ArchiveLimits.builder().maxCompressionRatio(0)),
                Arguments.of("maxManifestBytes", (ThrowingCallable)
                        () -> ArchiveLimits.builder().maxManifestBytes(0)));
    }

    @ParameterizedTest
    @MethodSource("nonsense")
    void builder_nonsense(String name, ThrowingCallable setter) {
        assertThatIllegalArgumentException()
                .isThrownBy(setter)
                .withMessage("ArchiveLimits." + name + " is 0, expected at least 1");
    }
}
