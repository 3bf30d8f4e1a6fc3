package dev.cresset.mar;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Models beyond what zips and tars have room for in their first formats. Takes minutes and 5 GB of disk:
 * -Dcresset.large=true. */
@Tag("large")
@EnabledIfSystemProperty(named = "cresset.large", matches = "true")
class LargeTest {
    private static final ArchiveLimits NO_LIMITS = ArchiveLimits.builder()
            .maxEntryBytes(1L << 40)
            .maxTotalBytes(1L << 40)
            .maxCompressionRatio(Integer.MAX_VALUE)
            .build();

    @TempDir
    Path directory;

    private Path write(ArchiveFormat format, long size) throws IOException {
        Path model = directory.resolve("model.pt");
        try (RandomAccessFile file = new RandomAccessFile(model.toFile(), "rw")) {
            file.setLength(size);
        }
        return ModelArchiveWriter.builder("large", "1", "base_handler")
                .serializedFile(model)
                .extraFile("z.txt", new byte[] {1, 2, 3})
                .format(format)
                .build()
                .write(directory);
    }

    private static long count(InputStream in) throws IOException {
        return in.transferTo(OutputStream.nullOutputStream());
    }

    @ParameterizedTest
    @EnumSource(names = {"DEFAULT", "ZIP_STORE"})
    void write_moreThanFourGigabytesIntoAZip(ArchiveFormat format) throws IOException {
        long size = (4L << 30) + 12_345;
        Path written = write(format, size);

        try (ZipInputStream zip = new ZipInputStream(Files.newInputStream(written))) {
            ZipEntry model = zip.getNextEntry();
            assertThat(model.getSize()).isEqualTo(size);
            assertThat(count(zip)).isEqualTo(size);
            assertThat(zip.getNextEntry().getName()).isEqualTo("z.txt");
            assertThat(zip.readAllBytes()).containsExactly(1, 2, 3);
        }
        try (ZipFile zip = new ZipFile(written.toFile())) {
            assertThat(zip.getEntry("model.pt").getSize()).isEqualTo(size);
            assertThat(zip.getInputStream(zip.getEntry("z.txt")).readAllBytes()).containsExactly(1, 2, 3);
        }
        try (ModelArchive archive = ModelArchive.open(written, NO_LIMITS)) {
            archive.verify();
            assertThat(archive.size("model.pt")).isEqualTo(size);
        }
    }

    @Test
    void write_moreThanEightGigabytesIntoATar() throws IOException {
        long size = (8L << 30) + 12_345;
        Path written = write(ArchiveFormat.TGZ, size);

        try (ModelArchive archive = ModelArchive.open(written, NO_LIMITS)) {
            assertThat(archive.size("model.pt")).isEqualTo(size);
            assertThat(archive.read("z.txt")).containsExactly(1, 2, 3);
        }
    }
}
