package dev.cresset.mar;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Archives and models alone, told apart before either is opened. */
class IsArchiveTest {
    @TempDir
    Path directory;

    private Path zip(String name, String entry) throws IOException {
        Path file = directory.resolve(name);
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(file))) {
            out.putNextEntry(new ZipEntry(entry));
            out.write(1);
        }
        return file;
    }

    @ParameterizedTest
    @ValueSource(strings = {"digits.mar", "upload.bin", "digits", "digits.zip", "digits.pt"})
    void zipWithAManifest_isOne_whateverItsName(String name) throws IOException {
        assertThat(ModelArchive.isArchive(zip(name, "MAR-INF/MANIFEST.json"))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"model.pt", "model.PT2", "model.zip", "model"})
    void zipWithoutOne_isAModelAlone(String name) throws IOException {
        assertThat(ModelArchive.isArchive(zip(name, "model/data.pkl"))).isFalse();
    }

    @Test
    void gzip_isOne_forNoModelIsGzip() throws IOException {
        Path file = directory.resolve("upload");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
            out.write(1);
        }

        assertThat(ModelArchive.isArchive(file)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"m.mar", "M.MAR", "m.tar.gz", "m.tgz"})
    void damagedFile_isOne_ifItIsNamedSo(String name) throws IOException {
        assertThat(ModelArchive.isArchive(Files.writeString(directory.resolve(name), "damaged", UTF_8)))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"m.onnx", "m.pt", "m.txt", "mar"})
    void otherFile_isNone(String name) throws IOException {
        assertThat(ModelArchive.isArchive(Files.writeString(directory.resolve(name), "something", UTF_8)))
                .isFalse();
    }

    @Test
    void folder_isOne_ifItHasAManifestsFolder() throws IOException {
        assertThat(ModelArchive.isArchive(directory)).isFalse();
        Files.createDirectory(directory.resolve("MAR-INF"));
        assertThat(ModelArchive.isArchive(directory)).isTrue();
    }

    @Test
    void missingFile_isSaid() {
        assertThatThrownBy(() -> ModelArchive.isArchive(directory.resolve("missing.mar")))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessageContaining("there is no such file");
    }
}
