package dev.cresset.mar;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.mar.internal.manifest.ManifestReader;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.commons.compress.archivers.zip.Zip64Mode;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream.UnicodeExtraFieldPolicy;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Zips by other archivers than TorchServe's, which use more of the format: they are read, strict as the reader is. */
class ZipWritersTest {
    private static final byte[] CONTENT = "content, content, content".getBytes(UTF_8);

    @TempDir
    Path directory;

    @FunctionalInterface
    private interface Writer {
        void write(OutputStream out) throws IOException;
    }

    static Stream<Named<Writer>> writers() {
        return Stream.of(
                Named.of("java.util.zip, deflated", out -> java(out, ZipEntry.DEFLATED)),
                Named.of("java.util.zip, stored", out -> java(out, ZipEntry.STORED)),
                Named.of("commons-compress, 64-bit sizes", out -> commons(out, Zip64Mode.Always)),
                Named.of("commons-compress, 64-bit sizes where needed", out -> commons(out, Zip64Mode.AsNeeded)),
                Named.of("commons-compress, 32-bit sizes", out -> commons(out, Zip64Mode.Never)));
    }

    private static void java(OutputStream out, int method) throws IOException {
        try (ZipOutputStream zip = new ZipOutputStream(out)) {
            zip.setComment("a comment");
            zip.putNextEntry(new ZipEntry("MAR-INF/"));
            for (String name : new String[] {ManifestReader.ENTRY, "\u6a21\u578b.pt"}) {
                byte[] content = name.equals(ManifestReader.ENTRY) ? HostileZip.MANIFEST.getBytes(UTF_8) : CONTENT;
                CRC32 sum = new CRC32();
                sum.update(content);
                ZipEntry entry = new ZipEntry(name);
                entry.setMethod(method);
                entry.setSize(content.length);
                entry.setCrc(sum.getValue());
                entry.setComment("a comment");
                zip.putNextEntry(entry);
                zip.write(content);
            }
        }
    }

    /** To a stream: sizes and checksums follow the data. */
    private static void commons(OutputStream out, Zip64Mode mode) throws IOException {
        try (ZipArchiveOutputStream zip = new ZipArchiveOutputStream(out)) {
            zip.setUseZip64(mode);
            zip.setCreateUnicodeExtraFields(UnicodeExtraFieldPolicy.ALWAYS);
            zip.setComment("a comment");
            for (String name : new String[] {"MAR-INF/", ManifestReader.ENTRY, "\u6a21\u578b.pt"}) {
                ZipArchiveEntry entry = new ZipArchiveEntry(name);
                entry.setUnixMode(entry.isDirectory() ? 0755 : 0644);
                zip.putArchiveEntry(entry);
                if (!entry.isDirectory()) {
                    zip.write(name.equals(ManifestReader.ENTRY) ? HostileZip.MANIFEST.getBytes(UTF_8) : CONTENT);
                }
                zip.closeArchiveEntry();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("writers")
    void read(Writer writer) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        writer.write(out);
        Path file = Files.write(directory.resolve("m.mar"), out.toByteArray());

        Exercise.Outcome outcome = Exercise.of(file, directory.resolve("out"), ArchiveLimits.defaults());

        assertThat(outcome.refusals()).isEmpty();
        assertThat(outcome.contents()).containsOnlyKeys(ManifestReader.ENTRY, "\u6a21\u578b.pt");
        assertThat(Optional.ofNullable(outcome.contents().get("\u6a21\u578b.pt")))
                .contains(CONTENT);
    }

    @Test
    void open_moreEntriesThan16BitsCount() throws IOException {
        Path file = directory.resolve("m.mar");
        try (ZipOutputStream zip = new ZipOutputStream(new BufferedOutputStream(Files.newOutputStream(file)))) {
            zip.setMethod(ZipOutputStream.DEFLATED);
            for (int i = 0; i < 70_000; i++) {
                zip.putNextEntry(new ZipEntry("f" + i));
            }
        }
        ArchiveLimits limits = ArchiveLimits.builder()
                .maxEntries(100_000)
                .maxDirectoryBytes(8 << 20)
                .build();

        try (ModelArchive archive = ModelArchive.open(file, limits)) {
            assertThat(archive.entries()).hasSize(70_000);
        }
    }
}
