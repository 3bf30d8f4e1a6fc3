package dev.cresset.mar;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cresset.mar.ArchiveException.Rule;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Reading entries: whole, as a stream, damaged, after close, and by several threads. */
class ReadTest {
    private static final Path FULL = RealArchives.path("full.mar");

    @TempDir
    Path directory;

    @Test
    void read_noSuchEntry() throws IOException {
        try (ModelArchive archive = ModelArchive.open(FULL)) {
            Refused.doing(() -> archive.read("labels.json"), FULL, Rule.NO_SUCH_ENTRY)
                    .hasMessageContaining("entry 'labels.json' is not in the archive; it holds: 'digits.pt', ")
                    .satisfies(refusal -> assertThat(refusal.entry()).contains("labels.json"));
            Refused.doing(() -> archive.newInputStream("deeper/"), FULL, Rule.NO_SUCH_ENTRY);
            Refused.doing(() -> archive.size("DIGITS.PT"), FULL, Rule.NO_SUCH_ENTRY);
        }
    }

    @Test
    void entries_cannotBeChanged() throws IOException {
        try (ModelArchive archive = ModelArchive.open(FULL)) {
            assertThat(archive.entries()).isUnmodifiable();
        }
    }

    @Test
    void read_emptyModel() throws IOException {
        Path file = HostileZip.withManifest().stored("model.pt", "").in(directory);

        try (ModelArchive archive = ModelArchive.open(file)) {
            assertThat(archive.read("model.pt")).isEmpty();
        }
    }

    @Test
    void newInputStream_piecewise() throws IOException {
        try (ModelArchive archive = ModelArchive.open(FULL);
                InputStream in = archive.newInputStream("digits.pt")) {
            byte[] buffer = new byte[10];
            assertThat(in.read(buffer, 0, 0)).isZero();
            assertThat(in.read()).isEqualTo('w');
            assertThat(in.skip(6)).isEqualTo(6);
            assertThat(in.read(buffer, 2, 3)).isEqualTo(3);
            assertThat(buffer).startsWith(0, 0, ' ', 'o', 'f', 0);
            assertThat(in.readAllBytes()).hasSize(RealArchives.WEIGHTS.length() - 10);
            assertThat(in.read()).isEqualTo(-1);
        }
    }

    @Test
    void newInputStream_afterItsOwnClose() throws IOException {
        try (ModelArchive archive = ModelArchive.open(FULL)) {
            InputStream in = archive.newInputStream("digits.pt");
            in.close();
            in.close();

            assertThatExceptionOfType(IOException.class)
                    .isThrownBy(in::read)
                    .withMessage("full.mar: the stream of 'digits.pt' is closed");
        }
    }

    @Test
    void newInputStream_badArguments() throws IOException {
        try (ModelArchive archive = ModelArchive.open(FULL);
                InputStream in = archive.newInputStream("digits.pt")) {
            assertThatThrownBy(() -> in.read(new byte[4], 2, 3)).isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    @Test
    void read_wrongChecksum() throws IOException {
        Path file = HostileZip.withManifest()
                .stored("model.pt", "right", part -> part.data = "wrong".getBytes(UTF_8))
                .in(directory);

        try (ModelArchive archive = ModelArchive.open(file)) {
            Refused.doing(() -> archive.read("model.pt"), file, Rule.DAMAGED)
                    .hasMessageMatching("m.mar: entry 'model.pt' has checksum [0-9a-f]{8}, expected [0-9a-f]{8}; .*");
        }
    }

    @Test
    void read_lessThanDeclared() throws IOException {
        Path file = HostileZip.withManifest()
                .deflated("model.pt", new byte[10], part -> part.size = 11)
                .in(directory);

        try (ModelArchive archive = ModelArchive.open(file)) {
            Refused.doing(() -> archive.read("model.pt"), file, Rule.DAMAGED)
                    .hasMessageContaining("entry 'model.pt' ends after 10 bytes, expected 11");
        }
    }

    @Test
    void read_notDeflated() throws IOException {
        Path file = HostileZip.withManifest()
                .deflated("model.pt", new byte[100], part -> Arrays.fill(part.data, (byte) 0xff))
                .in(directory);

        try (ModelArchive archive = ModelArchive.open(file)) {
            Refused.doing(() -> archive.read("model.pt"), file, Rule.DAMAGED)
                    .hasMessageContaining("entry 'model.pt' cannot be read (")
                    .hasCauseInstanceOf(IOException.class);
        }
    }

    @Test
    void read_fileCutWhileOpen() throws IOException {
        Path file = HostileZip.withManifest()
                .stored("model.pt", "x".repeat(100_000))
                .in(directory);

        try (ModelArchive archive = ModelArchive.open(file)) {
            Files.write(file, new byte[50]);
            Refused.doing(() -> archive.read("model.pt"), file, Rule.DAMAGED);
        }
    }

    @Test
    void sha256_ofTheFile() throws Exception {
        byte[] file = Files.readAllBytes(FULL);
        try (ModelArchive archive = ModelArchive.open(FULL)) {
            String expected = HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(file));
            assertThat(archive.sha256()).isEqualTo(expected).isEqualTo(archive.sha256());
        }
    }

    @Test
    void close_twice() throws IOException {
        ModelArchive archive = ModelArchive.open(FULL);

        archive.close();
        archive.close();
    }

    @Test
    void close_freesTheFile() throws IOException {
        Path copy = Files.copy(FULL, directory.resolve("copy.mar"));
        ModelArchive.open(copy).close();

        Files.delete(copy); // would fail on Windows
    }

    @Test
    void read_afterClose() throws IOException {
        ModelArchive archive = ModelArchive.open(FULL);
        InputStream begun = archive.newInputStream("digits.pt");
        String digest = archive.sha256();
        archive.close();

        for (var use : List.<ThrowingCallable>of(
                () -> archive.read("digits.pt"),
                () -> archive.read("no such entry"),
                () -> archive.newInputStream("digits.pt"),
                archive::sha256,
                begun::read)) {
            assertThatIllegalStateException()
                    .isThrownBy(use)
                    .withMessageStartingWith("full.mar: the archive is closed");
        }
        begun.close();
        assertThat(digest).hasSize(64);
    }

    @Test
    void manifest_afterClose() throws IOException {
        ModelArchive archive = ModelArchive.open(FULL);
        archive.close();

        assertThat(archive.manifest().model().modelName()).isEqualTo("full");
        assertThat(archive.path()).isEqualTo(FULL);
        assertThat(archive.entries()).contains("digits.pt");
        assertThat(archive.size("digits.pt")).isEqualTo(RealArchives.WEIGHTS.length());
    }

    @Test
    void read_byInterruptedThread() throws IOException {
        try (ModelArchive archive = ModelArchive.open(FULL)) {
            Thread.currentThread().interrupt();

            assertThat(archive.read("digits.pt")).hasSize(RealArchives.WEIGHTS.length());

            assertThat(Thread.interrupted())
                    .as("the interrupt is left to its owner")
                    .isTrue();
            assertThat(archive.read("digits.pt")).as("and closed nothing").hasSize(RealArchives.WEIGHTS.length());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void read_byManyThreadsUntilClose(boolean deflate) throws Exception {
        byte[] one = random(300_000, /* seed= */ 1);
        byte[] two = random(200_000, /* seed= */ 2);
        HostileZip zip = HostileZip.withManifest();
        if (deflate) {
            zip.deflated("one", one, part -> {}).deflated("two", two, part -> {});
        } else {
            zip.stored("one", one).stored("two", two);
        }
        ModelArchive archive = ModelArchive.open(zip.in(directory));
        CountDownLatch everyoneRead = new CountDownLatch(4);
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<?>> readers = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                String name = i % 2 == 0 ? "one" : "two";
                byte[] expected = i % 2 == 0 ? one : two;
                readers.add(threads.submit(() -> readUntilClosed(archive, name, expected, everyoneRead)));
            }
            everyoneRead.await();
            archive.close();

            for (Future<?> reader : readers) {
                assertThatThrownBy(reader::get)
                        .cause()
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageStartingWith("m.mar: the archive is closed");
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private static Void readUntilClosed(ModelArchive archive, String name, byte[] expected, CountDownLatch read)
            throws IOException {
        while (true) {
            assertThat(archive.read(name)).isEqualTo(expected);
            read.countDown();
        }
    }

    private static byte[] random(int length, long seed) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }
}
