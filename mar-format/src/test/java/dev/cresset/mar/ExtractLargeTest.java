package dev.cresset.mar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Entries so large that a thread of its own inflates them: whatever is wrong, it is said as it is when there is none. */
class ExtractLargeTest {

    private static final String MODEL = "model.pt";

    /** Half noise, half zeros: they deflate, and not to nothing. */
    private final byte[] content = new byte[2_500_000];

    @TempDir
    Path directory;

    @BeforeEach
    void makeNoise() {
        byte[] noise = new byte[content.length / 2];
        new Random(7).nextBytes(noise);
        System.arraycopy(noise, 0, content, 0, noise.length);
    }

    private Path zip(Consumer<HostileZip.Part> change) {
        return HostileZip.withManifest().deflated(MODEL, content, change).in(directory);
    }

    /** Reading by this thread and extracting by two fail alike; nothing stays behind. */
    private void assertRefusedAlike(Consumer<HostileZip.Part> change, String why) throws IOException {
        Path file = zip(change);
        try (ModelArchive archive = ModelArchive.open(file)) {
            Throwable read = catchThrowable(() -> archive.read(MODEL));
            assertThat(read).isInstanceOf(ArchiveException.class).hasMessageContaining(why);
            assertThatThrownBy(() -> archive.extract(MODEL, directory.resolve("out")))
                    .isInstanceOf(ArchiveException.class)
                    .hasMessage(read.getMessage());
            assertThatThrownBy(archive::verify).hasMessage(read.getMessage());
        }
        assertNothingLeft(file);
    }

    private void assertNothingLeft(Path... files) throws IOException {
        try (Stream<Path> there = Files.list(directory)) {
            assertThat(there).containsExactlyInAnyOrder(files);
        }
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .doesNotContain("cresset-read-ahead");
    }

    @Test
    void extract_givesWhatWasPacked() throws IOException {
        Path file = zip(part -> {});
        Path out = directory.resolve("out");
        try (ModelArchive archive = ModelArchive.open(file)) {
            archive.extract(MODEL, out);
            archive.verify();
        }

        assertThat(out).hasBinaryContent(content);
        assertNothingLeft(file, out);
    }

    @Test
    void extract_damaged() throws IOException {
        assertRefusedAlike(part -> part.crc ^= 1, "entry 'model.pt' has checksum ");
        assertRefusedAlike(part -> Arrays.fill(part.data, 600_000, 600_400, (byte) 0xff), "entry 'model.pt' ");
        assertRefusedAlike(part -> part.size++, "entry 'model.pt' ends after 2,500,000 bytes, expected 2,500,001");
        assertRefusedAlike(part -> part.size--, "entry 'model.pt' holds more than the 2,499,999 bytes");
    }

    @Test
    void extract_deflatedDataThatDoNotEnd() throws IOException {
        assertRefusedAlike(
                part -> {
                    part.data = Arrays.copyOf(part.data, part.data.length / 2);
                    part.compressedSize = part.data.length;
                },
                "the compressed data do not end");
    }

    @Test
    void unpack_listenerThatFails() throws IOException {
        Path file = zip(part -> {});
        try (ModelArchive archive = ModelArchive.open(file)) {
            assertThatThrownBy(() -> archive.unpack(directory.resolve("out"), (entry, done, total) -> {
                        if (done > content.length / 2) {
                            throw new IllegalArgumentException("enough");
                        }
                    }))
                    .hasMessage("enough");
        }
        assertNothingLeft(file);
    }

    @Test
    void extract_byAnInterruptedThread_ends_andLeavesItInterrupted() throws IOException {
        Path file = zip(part -> {});
        Path out = directory.resolve("out");
        try (ModelArchive archive = ModelArchive.open(file)) {
            Thread.currentThread().interrupt();
            archive.extract(MODEL, out);

            assertThat(Thread.interrupted()).isTrue();
        }
        assertThat(out).hasBinaryContent(content);
        assertNothingLeft(file, out);
    }
}
