package dev.cresset.mar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.mar.internal.archive.FileTrees;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * All that can be done with an archive, good or bad: it is opened, read, verified, digested, extracted and unpacked.
 *
 * <p>Whatever is no {@link ArchiveException} comes through, and so does a claim that fails: what one way of reading refuses,
 * the others refuse, and what they give is the same.
 *
 * <p>Instances are not safe for use by several threads.
 */
final class Exercise {
    /** Each extraction makes and deletes a folder. */
    private static final int MOST_EXTRACTED = 5;

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final Path target;
    private final List<ArchiveException> refusals = new ArrayList<>();
    private final Map<String, byte[]> contents = new LinkedHashMap<>();

    /**
     * What came of it.
     *
     * @param refusals in the order they came; empty when all was right
     * @param contents what could be read
     * @param nanos processor time of this thread
     */
    record Outcome(List<ArchiveException> refusals, Map<String, byte[]> contents, long nanos) {}

    private Exercise(Path target) {
        this.target = target;
    }

    /** Exercises an archive; the target is a free path, and free again afterwards. */
    static Outcome of(Path path, Path target, ArchiveLimits limits) throws IOException {
        Exercise exercise = new Exercise(target);
        long nanos = THREADS.getCurrentThreadCpuTime();
        try (ModelArchive archive = ModelArchive.open(path, limits)) {
            exercise.all(archive);
        } catch (ArchiveException e) {
            exercise.refusals.add(e);
        }
        return new Outcome(exercise.refusals, exercise.contents, THREADS.getCurrentThreadCpuTime() - nanos);
    }

    private void all(ModelArchive archive) throws IOException {
        for (String entry : archive.entries()) {
            attempt(() -> contents.put(entry, archive.read(entry)));
        }
        boolean whole = refusals.isEmpty();
        for (String entry : archive.entries().stream().limit(MOST_EXTRACTED).toList()) {
            boolean extracted = attempt(() -> archive.extract(entry, target));
            assertThat(extracted).as("extracting %s", entry).isEqualTo(contents.containsKey(entry));
            if (extracted) {
                assertThat(Files.size(target)).as("size of %s", entry).isEqualTo(archive.size(entry));
                Files.delete(target);
            }
        }
        assertThat(attempt(archive::verify)).as("verifying").isEqualTo(whole);
        assertThat(attempt(() -> archive.unpack(target))).as("unpacking").isEqualTo(whole);
        if (whole) {
            requireSame();
            FileTrees.delete(target);
        }
        assertThat(archive.sha256()).hasSize(64);
        assertThat(archive.manifest().model().modelName()).isNotBlank();
        assertThat(archive.config().warnings()).doesNotContainNull();
        assertThat(archive.toString()).isNotBlank();
    }

    private void requireSame() throws IOException {
        for (Map.Entry<String, byte[]> content : contents.entrySet()) {
            try (InputStream file = Files.newInputStream(target.resolve(content.getKey()))) {
                assertThat(file.readAllBytes()).as(content.getKey()).isEqualTo(content.getValue());
            }
        }
        assertThat(Snapshot.of(target).files()).as("files on disk").isEqualTo(contents.size());
    }

    @FunctionalInterface
    private interface Step {
        void run() throws IOException;
    }

    private boolean attempt(Step step) throws IOException {
        try {
            step.run();
            return true;
        } catch (ArchiveException e) {
            refusals.add(e);
            return false;
        }
    }
}
