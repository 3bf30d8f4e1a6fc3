package dev.cresset.mar;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.cresset.mar.ArchiveException.Rule;
import dev.cresset.mar.internal.manifest.ManifestReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.apache.commons.compress.compressors.gzip.GzipCompressorOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Gzipped tars: read in passes, the first part of each name cut off. */
class TarTest {
    /** More than is kept in memory, and not to be compressed. */
    private static final byte[] LARGE = new byte[3 << 20];

    static {
        new Random(1).nextBytes(LARGE);
    }

    @TempDir
    Path directory;

    /** A tar as any tool writes it. */
    private static final class Tar {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final TarArchiveOutputStream out = new TarArchiveOutputStream(bytes);

        Tar add(String name, byte[] content) throws IOException {
            TarArchiveEntry entry = new TarArchiveEntry(name, /* preserveAbsolutePath= */ true);
            entry.setSize(content.length);
            return add(entry, content);
        }

        Tar add(TarArchiveEntry entry, byte[] content) throws IOException {
            out.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
            out.putArchiveEntry(entry);
            out.write(content);
            out.closeArchiveEntry();
            return this;
        }

        Tar withManifest(String root) throws IOException {
            return add(root + ManifestReader.ENTRY, HostileZip.MANIFEST.getBytes(UTF_8));
        }

        byte[] bytes() throws IOException {
            out.finish();
            return bytes.toByteArray();
        }
    }

    private Path gzipped(byte[] tar) throws IOException {
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        try (GzipCompressorOutputStream gzip = new GzipCompressorOutputStream(zipped)) {
            gzip.write(tar);
        }
        return Files.write(directory.resolve("m.tar.gz"), zipped.toByteArray());
    }

    @Test
    void read_largeAndSmall() throws IOException {
        Path file = gzipped(new Tar()
                .add("m/a.pt", LARGE)
                .add("m/small.txt", "small".getBytes(UTF_8))
                .add("m/b.pt", LARGE)
                .add("m/empty", new byte[0])
                .withManifest("m/")
                .bytes());

        try (ModelArchive archive = ModelArchive.open(file)) {
            assertThat(archive.entries()).containsExactly("a.pt", "small.txt", "b.pt", "empty", ManifestReader.ENTRY);
            assertThat(archive.read("b.pt")).isEqualTo(LARGE);
            assertThat(archive.read("small.txt")).asString(UTF_8).isEqualTo("small");
            assertThat(archive.read("empty")).isEmpty();
            assertThat(archive.read("a.pt")).isEqualTo(LARGE);
            archive.verify();
        }
    }

    @Test
    void read_twoAtOnce() throws IOException {
        Path file = gzipped(new Tar()
                .add("m/a.pt", LARGE)
                .add("m/b.pt", LARGE)
                .withManifest("m/")
                .bytes());

        try (ModelArchive archive = ModelArchive.open(file);
                InputStream a = archive.newInputStream("a.pt");
                InputStream b = archive.newInputStream("b.pt")) {
            for (int position = 0; position < LARGE.length; position += 1 << 16) {
                byte[] expected = Arrays.copyOfRange(LARGE, position, Math.min(LARGE.length, position + (1 << 16)));
                assertThat(b.readNBytes(1 << 16)).isEqualTo(expected);
                assertThat(a.readNBytes(1 << 16)).isEqualTo(expected);
            }
            assertThat(a.read()).isEqualTo(-1);
        }
    }

    @Test
    void read_changedSinceOpen() throws IOException {
        Path file = gzipped(new Tar().add("m/a.pt", LARGE).withManifest("m/").bytes());
        try (ModelArchive archive = ModelArchive.open(file)) {
            byte[] changed = LARGE.clone();
            changed[1_000_000] ^= 1;
            gzipped(new Tar().add("m/a.pt", changed).withManifest("m/").bytes());

            Refused.doing(() -> archive.read("a.pt"), file, Rule.DAMAGED).hasMessageContaining("has checksum");
        }
    }

    @Test
    void read_afterClose() throws IOException {
        Path file = gzipped(new Tar().add("m/a.pt", LARGE).withManifest("m/").bytes());
        ModelArchive archive = ModelArchive.open(file);
        InputStream stream = archive.newInputStream("a.pt");
        stream.readNBytes(100);
        archive.close();

        assertThatIllegalStateException().isThrownBy(stream::readAllBytes);
        assertThatIllegalStateException().isThrownBy(() -> archive.newInputStream("a.pt"));
        stream.close();
    }

    @Test
    void open_tarOfTheCurrentFolder() throws IOException {
        Path file = gzipped(new Tar()
                .add(new TarArchiveEntry("./"), new byte[0])
                .add("./a.txt", "a".getBytes(UTF_8))
                .withManifest("./")
                .bytes());

        try (ModelArchive archive = ModelArchive.open(file)) {
            assertThat(archive.entries()).containsExactly("a.txt", ManifestReader.ENTRY);
        }
    }

    @Test
    void open_longNames() throws IOException {
        String name = "deep/" + "n".repeat(300) + ".txt";
        Path file = gzipped(new Tar()
                .add("m/" + name, "a".getBytes(UTF_8))
                .withManifest("m/")
                .bytes());

        try (ModelArchive archive = ModelArchive.open(file)) {
            assertThat(archive.read(name)).asString(UTF_8).isEqualTo("a");
        }
    }

    @Test
    void open_packedOnceTooOften() throws IOException {
        Path file = gzipped(new Tar().withManifest("store/m/").bytes());

        Refused.opening(file, Rule.MISSING_MANIFEST)
                .hasMessageContaining("but 'm/MAR-INF/MANIFEST.json'; pack what is in the folder, not the folder");
    }

    /** As {@code tar czf m.tgz *} packs a folder: without one around the files. */
    @Test
    void open_withoutAFolderAroundTheFiles() throws IOException {
        Path file = gzipped(new Tar()
                .withManifest("")
                .add("a.pt", LARGE)
                .add("code/a.py", new byte[] {1})
                .bytes());

        try (ModelArchive archive = ModelArchive.open(file)) {
            assertThat(archive.entries()).containsExactly(ManifestReader.ENTRY, "a.pt", "code/a.py");
            assertThat(archive.manifest().model().modelName()).isEqualTo("m");
            assertThat(archive.read("a.pt")).isEqualTo(LARGE);
        }
    }

    @Test
    void open_withASecondManifestWhereTorchServeLooks_isReadAsTorchServeDoes() throws IOException {
        Path file = gzipped(new Tar()
                .add(ManifestReader.ENTRY, new byte[] {1})
                .withManifest("m/")
                .bytes());

        try (ModelArchive archive = ModelArchive.open(file)) {
            assertThat(archive.entries()).containsExactly("MANIFEST.json", ManifestReader.ENTRY);
        }
    }

    @Test
    void open_withoutManifestIsNamedAfterTheFile() throws IOException {
        Path file = gzipped(new Tar().add("m/a.pt", new byte[3]).bytes());

        try (ModelArchive archive = ModelArchive.open(file)) {
            assertThat(archive.manifest().model().modelName()).isEqualTo("m_tar_gz");
        }
    }

    @Test
    void open_link() throws IOException {
        TarArchiveEntry link = new TarArchiveEntry("m/labels.json", TarConstants.LF_SYMLINK);
        link.setLinkName("/etc/passwd");
        Path file = gzipped(new Tar().add(link, new byte[0]).withManifest("m/").bytes());

        Refused.opening(file, Rule.UNSUPPORTED_ENTRY)
                .hasMessageContaining("entry 'm/labels.json' is a link, expected a plain file");
    }

    @Test
    void open_climbingName() throws IOException {
        Path file = gzipped(
                new Tar().add("m/../../evil", new byte[1]).withManifest("m/").bytes());

        Refused.opening(file, Rule.ENTRY_NAME).hasMessageContaining("climbs out of the archive");
    }

    @Test
    void open_twoRootsWithTheSameFile() throws IOException {
        Path file = gzipped(new Tar()
                .add("a/x", new byte[1])
                .add("b/x", new byte[1])
                .withManifest("m/")
                .bytes());

        Refused.opening(file, Rule.NAME_CLASH);
    }

    @Test
    void open_bomb() throws IOException {
        byte[] zeros = new byte[20 << 20];
        Path file =
                gzipped(new Tar().add("m/model.pt", zeros).withManifest("m/").bytes());

        Refused.opening(file, Rule.LIMIT).hasMessageContaining("raise ArchiveLimits.maxCompressionRatio");
        ModelArchive.open(
                        file, ArchiveLimits.builder().maxCompressionRatio(2_000).build())
                .close();
    }

    @Test
    void open_withoutEndMark() throws IOException {
        byte[] tar = new Tar().add("m/a", new byte[512]).withManifest("m/").bytes();
        Path file = gzipped(Arrays.copyOf(tar, 1024));

        Refused.opening(file, Rule.DAMAGED).hasMessageContaining("without the zeros at its end");
    }

    @Test
    void open_secondGzipMember() throws IOException {
        Path file = gzipped(new Tar().add("m/a", new byte[1]).withManifest("m/").bytes());
        byte[] once = Files.readAllBytes(file);
        byte[] twice = Arrays.copyOf(once, once.length * 2);
        System.arraycopy(once, 0, twice, once.length, once.length);
        Files.write(file, twice);

        Refused.opening(file, Rule.DAMAGED).hasMessageContaining("holds data after the end of its gzip");
    }

    @Test
    void open_dataAfterTheTar() throws IOException {
        byte[] tar = new Tar().add("m/a", new byte[1]).withManifest("m/").bytes();
        byte[] longer = Arrays.copyOf(tar, tar.length + 2048);
        longer[longer.length - 1] = 'x';

        Refused.opening(gzipped(longer), Rule.DAMAGED).hasMessageContaining("holds data after the end of its tar");
    }
}
