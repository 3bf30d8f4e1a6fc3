package dev.cresset.mar;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the real archiver writes is read in full. */
class RealArchivesTest {
    private static final Path FIXTURES = Path.of(System.getProperty("cresset.fixtures", "fixtures"));

    @Test
    void open_deflated() throws IOException {
        try (ModelArchive archive = ModelArchive.open(RealArchives.path("full.mar"))) {
            assertThat(archive.entries())
                    .containsExactly(
                            "digits.pt",
                            "settings.yaml",
                            "needs.txt",
                            "flat.txt",
                            "index_to_name.json",
                            "deeper/nested.txt",
                            "MAR-INF/MANIFEST.json");
            assertThat(archive.read("digits.pt")).asString(UTF_8).isEqualTo(RealArchives.WEIGHTS);
            assertThat(archive.read("deeper/nested.txt")).asString(UTF_8).isEqualTo("second level\n");
            assertThat(archive.size("digits.pt")).isEqualTo(RealArchives.WEIGHTS.length());
            assertThat(archive.path()).isEqualTo(RealArchives.path("full.mar"));
            assertThat(archive).hasToString("full.mar (model 'full', version '1.10')");
        }
    }

    @Test
    void manifest_deflated() throws IOException {
        try (ModelArchive archive = ModelArchive.open(RealArchives.path("full.mar"))) {
            Manifest manifest = archive.manifest();
            assertThat(manifest.runtime()).isEqualTo(ModelRuntime.PYTHON);
            assertThat(manifest.archiverVersion()).contains("0.12.0");
            assertThat(manifest.createdOn())
                    .hasValueSatisfying(made -> assertThat(made).matches("\\d\\d/\\d\\d/\\d{4} \\d\\d:\\d\\d:\\d\\d"));
            assertThat(manifest.other()).isEmpty();
            ManifestModel model = manifest.model();
            assertThat(model.modelName()).isEqualTo("full");
            assertThat(model.modelVersion()).isEqualTo("1.10");
            assertThat(model.handler()).hasValue("image_classifier");
            assertThat(model.serializedFile()).contains("digits.pt");
            assertThat(model.configFile()).contains("settings.yaml");
            assertThat(model.requirementsFile()).contains("needs.txt");
            assertThat(model.modelFile()).isEmpty();
            assertThat(model.envelope()).isEmpty();
            assertThat(model.extensions()).isEmpty();
            assertThat(model.other()).isEmpty();
        }
    }

    @Test
    void open_stored() throws IOException {
        try (ModelArchive archive = ModelArchive.open(RealArchives.path("stored.mar"))) {
            assertThat(archive.manifest().model().modelName()).isEqualTo("stored");
            assertThat(archive.read("digits.pt")).asString(UTF_8).isEqualTo(RealArchives.WEIGHTS);
            assertThat(archive.read("index_to_name.json"))
                    .asString(UTF_8)
                    .isEqualTo("{\"0\": \"zero\", \"1\": \"one\"}");
        }
    }

    @Test
    void open_eager() throws IOException {
        try (ModelArchive archive = ModelArchive.open(RealArchives.path("eager.mar"))) {
            assertThat(archive.manifest().model().modelFile()).contains("net.py");
            assertThat(archive.manifest().model().handler()).hasValue("service.py");
            assertThat(archive.entries()).contains("service.py", "net.py", "digits.pt");
        }
    }

    @Test
    void open_withoutSerializedFile() throws IOException {
        try (ModelArchive archive = ModelArchive.open(RealArchives.path("sourceonly.mar"))) {
            assertThat(archive.manifest().runtime()).isEqualTo(ModelRuntime.PYTHON3);
            assertThat(archive.manifest().model().serializedFile()).isEmpty();
            assertThat(archive.manifest().model().modelFile()).contains("net.py");
        }
    }

    @Test
    void open_nativeRuntime() throws IOException {
        try (ModelArchive archive = ModelArchive.open(RealArchives.path("native.mar"))) {
            assertThat(archive.manifest().runtime()).isEqualTo(ModelRuntime.LSP);
            assertThat(archive.manifest().model().handler()).hasValue("TorchScriptHandler");
        }
    }

    @Test
    void open_tgz() throws IOException {
        try (ModelArchive archive = ModelArchive.open(RealArchives.path("packed.tar.gz"))) {
            assertThat(archive.format()).isEqualTo(ArchiveFormat.TGZ);
            assertThat(archive.entries()).containsExactly("digits.pt", "MAR-INF/MANIFEST.json");
            assertThat(archive.manifest().model().modelName()).isEqualTo("packed");
            assertThat(archive.read("digits.pt")).asString(UTF_8).isEqualTo(RealArchives.WEIGHTS);
        }
    }

    @ParameterizedTest
    @CsvSource({"full.mar, DEFAULT", "stored.mar, ZIP_STORE", "packed.tar.gz, TGZ"})
    void format_isToldByTheContent(String name, ArchiveFormat expected, @TempDir Path directory) throws IOException {
        Path renamed = Files.copy(RealArchives.path(name), directory.resolve("model.bin"));

        try (ModelArchive archive = ModelArchive.open(renamed)) {
            assertThat(archive.format()).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"digits", "risk"})
    void open_fixture(String name) throws IOException {
        Path mar = FIXTURES.resolve(name).resolve(name + ".mar");
        try (ModelArchive archive = ModelArchive.open(mar);
                ZipFile same = new ZipFile(mar.toFile())) {
            assertThat(archive.manifest().model().serializedFile()).isPresent();
            assertThat(archive.entries()).hasSize(same.size());
            for (String entry : archive.entries()) {
                assertThat(archive.read(entry))
                        .isEqualTo(same.getInputStream(same.getEntry(entry)).readAllBytes());
            }
        }
    }

    @Test
    void open_madeByHandInJava(@TempDir Path directory) throws IOException {
        Path mar = directory.resolve("hand.mar");
        // The JDK writes sizes after the data, and directories as entries.
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(mar))) {
            zip.putNextEntry(new ZipEntry("MAR-INF/"));
            zip.putNextEntry(new ZipEntry("MAR-INF/MANIFEST.json"));
            zip.write(HostileZip.MANIFEST.getBytes(UTF_8));
            zip.putNextEntry(new ZipEntry("größe.txt"));
            zip.write("data".getBytes(UTF_8));
        }

        try (ModelArchive archive = ModelArchive.open(mar)) {
            assertThat(archive.entries()).containsExactly("MAR-INF/MANIFEST.json", "größe.txt");
            assertThat(archive.read("größe.txt")).asString(UTF_8).isEqualTo("data");
        }
    }

    @Test
    void open_insideAnotherZip(@TempDir Path directory) throws IOException {
        Path outer = directory.resolve("outer.zip");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(outer))) {
            zip.putNextEntry(new ZipEntry("stored.mar"));
            zip.write(Files.readAllBytes(RealArchives.path("stored.mar")));
        }

        try (FileSystem inside = FileSystems.newFileSystem(outer);
                ModelArchive archive = ModelArchive.open(inside.getPath("stored.mar"))) {
            assertThat(archive.read("digits.pt")).asString(UTF_8).isEqualTo(RealArchives.WEIGHTS);
        }
    }
}
