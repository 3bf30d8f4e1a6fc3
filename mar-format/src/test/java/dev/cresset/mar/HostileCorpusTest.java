package dev.cresset.mar;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every archive of the corpus is refused by its rule, whichever way it is read, within a second, and leaves no trace.
 *
 * <p>The corpus is made in code: see the classes that the sources name.
 */
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // Reading a pipe would wait for ever.
class HostileCorpusTest {
    private static final long MOST_NANOS = 1_000_000_000;

    private static String slowest = "none";
    private static long slowestNanos;
    private static int count;

    @TempDir
    Path directory;

    static Stream<HostileCase> files() {
        return Stream.of(HostileZips.all(), HostileLayouts.all(), HostileTars.all())
                .flatMap(cases -> cases);
    }

    static Stream<HostileCase> folders() {
        return HostileFolders.all();
    }

    static Stream<HostileCase> documents() {
        return Stream.concat(HostileManifests.all(), HostileConfigs.all());
    }

    @ParameterizedTest
    @MethodSource({"files", "documents"})
    void refused(HostileCase archive) throws IOException {
        requireRefused(archive);
    }

    @ParameterizedTest
    @MethodSource("folders")
    @DisabledOnOs(OS.WINDOWS)
    void refusedFolder(HostileCase archive) throws IOException {
        requireRefused(archive);
    }

    private void requireRefused(HostileCase archive) throws IOException {
        Files.writeString(directory.resolve("canary"), "alive");
        Path path = archive.maker().in(directory);
        Snapshot before = Snapshot.of(directory);

        Exercise.Outcome outcome = Exercise.of(path, directory.resolve("out"), ArchiveLimits.defaults());

        assertThat(outcome.refusals())
                .as("refusals of %s", archive)
                .isNotEmpty()
                .allSatisfy(refusal -> {
                    assertThat(refusal.rule()).as(refusal.getMessage()).isEqualTo(archive.rule());
                    assertThat(refusal)
                            .hasMessageStartingWith(path.getFileName() + ": ")
                            .hasMessageNotContaining("\n");
                    assertThat(refusal.getMessage()).hasSizeLessThan(4_000);
                    assertThat(refusal.archive()).isEqualTo(path.toString());
                });
        assertThat(Snapshot.of(directory)).as("what is on disk").isEqualTo(before);
        requireFast(archive, outcome);
    }

    private static void requireFast(HostileCase archive, Exercise.Outcome outcome) {
        count++;
        if (outcome.nanos() > slowestNanos) {
            slowestNanos = outcome.nanos();
            slowest = archive.title();
        }
        assertThat(outcome.nanos()).as("nanoseconds").isLessThan(MOST_NANOS);
    }

    @AfterAll
    static void printSlowest() {
        System.out.printf(
                "%d hostile archives refused, the slowest in %,d ms (%s)%n", count, slowestNanos / 1_000_000, slowest);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "full.mar",
                "stored.mar",
                "eager.mar",
                "sourceonly.mar",
                "native.mar",
                "packed.tar.gz",
                "alike/default/alike.mar",
                "alike/zip-store/alike.mar",
                "alike/tgz/alike.tar.gz",
                "alike/no-archive/alike"
            })
    void accepted(String name) throws IOException {
        Path path = RealArchives.path(name);

        Exercise.Outcome outcome = Exercise.of(path, directory.resolve("out"), ArchiveLimits.defaults());

        assertThat(outcome.refusals()).isEmpty();
        assertThat(outcome.contents()).isNotEmpty();
    }
}
