package dev.cresset.mar.cli;

import static dev.cresset.mar.cli.Ran.fixture;
import static dev.cresset.mar.cli.Ran.mar;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.mar.ModelArchiveWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** All files come out, into a folder that was not there. */
class UnpackTest {
    @TempDir
    private Path directory;

    @Test
    void unpack_intoNewFolder() {
        Path folder = directory.resolve("digits");

        Ran ran = mar("unpack", fixture("digits/digits.mar"), folder);

        assertThat(ran).isEqualTo(new Ran(Mar.DONE, "unpacked 3 files, 441,546 bytes, to " + folder + "\n", ""));
        assertThat(folder.resolve("digits.pt")).hasSize(441_178);
    }

    @Test
    void unpack_folderIsThere() {
        Ran ran = mar("unpack", fixture("digits/digits.mar"), directory);

        assertThat(ran.exit()).isEqualTo(Mar.REFUSED);
        assertThat(ran.err()).startsWith("digits.mar: ").hasLineCount(1);
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void unpack_moreThanExpected() throws IOException {
        Path zeros = directory.resolve("zeros.bin");
        Files.write(zeros, new byte[4 << 20]);
        Path archive = ModelArchiveWriter.builder("zeros", "1", "base_handler")
                .serializedFile(zeros)
                .build()
                .write(directory);

        Ran refused = mar("unpack", archive, directory.resolve("a"));
        Ran trusted = mar("unpack", "--trust", archive, directory.resolve("b"));

        assertThat(refused.exit()).isEqualTo(Mar.REFUSED);
        assertThat(refused.err()).endsWith("if you trust this file: --trust does\n");
        assertThat(trusted.exit()).isEqualTo(Mar.DONE);
    }
}
