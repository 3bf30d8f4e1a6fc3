package dev.cresset.mar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cresset.mar.ArchiveException.Rule;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nobody gets the last byte of a content that is not right, whether he asks for the end or not. */
class ChecksumTest {

    private static final String CONTENT = "what a model's weights may look like, more or less, in a test";

    @TempDir
    Path directory;

    /** A zip whose entry's content has one bit flipped. */
    private Path flipped() throws IOException {
        Path file = HostileZip.withManifest().stored("model.pt", CONTENT).in(directory);
        byte[] bytes = Files.readAllBytes(file);
        int at = new String(bytes, StandardCharsets.ISO_8859_1).indexOf(CONTENT);
        bytes[at + 5] ^= 1;
        return Files.write(file, bytes);
    }

    private static void assertRefused(Path file, Reading reading) throws IOException {
        try (ModelArchive archive = ModelArchive.open(file);
                InputStream in = archive.newInputStream("model.pt")) {
            assertThatThrownBy(() -> reading.read(in))
                    .isInstanceOfSatisfying(
                            ArchiveException.class, e -> assertThat(e.rule()).isEqualTo(Rule.DAMAGED))
                    .hasMessageContaining("entry 'model.pt' has checksum ");
        }
    }

    private interface Reading {
        void read(InputStream in) throws IOException;
    }

    @Test
    void newInputStream_readToItsSizeAndNoFurther_isChecked() throws IOException {
        assertRefused(flipped(), in -> in.readNBytes(CONTENT.length()));
    }

    @Test
    void newInputStream_readByteByByte_isChecked() throws IOException {
        assertRefused(flipped(), in -> {
            for (int i = 0; i < CONTENT.length(); i++) {
                assertThat(in.read()).isPositive();
            }
        });
    }

    @Test
    void newInputStream_skippedOver_isChecked() throws IOException {
        assertRefused(flipped(), in -> in.skipNBytes(CONTENT.length()));
    }

    @Test
    void newInputStream_whole_endsAfterItsSize() throws IOException {
        Path file = HostileZip.withManifest().stored("model.pt", CONTENT).in(directory);
        try (ModelArchive archive = ModelArchive.open(file);
                InputStream in = archive.newInputStream("model.pt")) {
            assertThat(in.readNBytes(CONTENT.length())).hasSize(CONTENT.length());
            assertThat(in.read()).isNegative();
        }
    }
}
