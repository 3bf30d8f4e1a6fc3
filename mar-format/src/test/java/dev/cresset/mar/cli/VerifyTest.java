package dev.cresset.mar.cli;

import static dev.cresset.mar.cli.Ran.fixture;
import static dev.cresset.mar.cli.Ran.mar;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.mar.ModelArchive;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is whole is said to be, with its digest and what was checked; what is not is refused. */
class VerifyTest {
    private static final Path DIGITS = fixture("digits/digits.mar");

    @TempDir
    private Path directory;

    @Test
    void verify_whole() throws IOException, NoSuchAlgorithmException {
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(DIGITS));

        Ran ran = mar("verify", DIGITS);

        assertThat(ran).isEqualTo(new Ran(Mar.DONE, """
                        archive   digits.mar is whole
                        SHA-256   %s
                        checked   names, sizes and headers of 3 files
                                  the manifest; there are no settings
                                  441,546 bytes of content, against the archive's checksums
                        """.formatted(HexFormat.of().formatHex(digest)), ""));
    }

    @Test
    void verify_folder() throws IOException {
        Path folder = directory.resolve("risk");
        try (ModelArchive archive = ModelArchive.open(fixture("risk/risk.mar"))) {
            archive.unpack(folder);
        }

        Ran ran = mar("verify", folder);

        assertThat(ran.out())
                .contains(
                        "the manifest, and the settings in model-config.yaml",
                        "17,757 bytes of content can be read; a folder has no checksums");
    }

    @Test
    void verify_damaged() throws IOException {
        byte[] bytes = Files.readAllBytes(DIGITS);
        bytes[200_000] ^= 1;
        Path damaged = Files.write(directory.resolve("damaged.mar"), bytes);

        Ran ran = mar("verify", damaged);

        assertThat(ran.exit()).isEqualTo(Mar.REFUSED);
        assertThat(ran.out()).isEmpty();
        assertThat(ran.err()).startsWith("damaged.mar: entry 'digits.pt' ").hasLineCount(1);
    }

    @Test
    void verify_progress() {
        Ran ran = mar("verify", "--progress", DIGITS);

        assertThat(ran.err()).hasLineCount(10).endsWith("verify: 100 %, 441,546 of 441,546 bytes\n");
    }
}
