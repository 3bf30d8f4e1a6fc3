package dev.cresset.mar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.mar.ArchiveException.Rule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Zips without a manifest: fine for TorchServe, so fine here, unless they are a known mistake. */
class MissingManifestTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource({"digits.mar, digits", "my-model.v2.mar, my_model_v2", "_x.model, _x", "noend, noend", "x.zip, x_zip"})
    void open_withoutManifest(String file, String modelName) throws IOException {
        Path path = Files.write(
                directory.resolve(file),
                new HostileZip().stored("model.pt", "x").bytes());

        try (ModelArchive archive = ModelArchive.open(path)) {
            ManifestModel model = archive.manifest().model();
            assertThat(model.modelName()).isEqualTo(modelName);
            assertThat(model.modelVersion()).isEqualTo("1.0");
            assertThat(model.handler()).isEmpty();
            assertThat(model.serializedFile()).isEmpty();
            assertThat(archive.manifest().runtime()).isEqualTo(ModelRuntime.PYTHON);
            assertThat(archive.entries()).containsExactly("model.pt");
        }
    }

    @ParameterizedTest
    @CsvSource({"digits/MAR-INF/MANIFEST.json", "mar-inf/manifest.json"})
    void open_manifestElsewhere(String name) {
        Path file = new HostileZip().stored(name, HostileZip.MANIFEST).in(directory);

        Refused.opening(file, Rule.MISSING_MANIFEST)
                .hasMessageContaining("has no MAR-INF/MANIFEST.json, but '" + name + "'; pack what is in the folder");
    }

    @Test
    void open_workflow() {
        Path file = new HostileZip().stored("WAR-INF/MANIFEST.json", "{}").in(directory);

        Refused.opening(file, Rule.MISSING_MANIFEST).hasMessageContaining("it is a TorchServe workflow");
    }

    @Test
    void open_torchScriptFile() {
        Path file = new HostileZip().stored("digits/data.pkl", "x").in(directory);

        Refused.opening(file, Rule.MISSING_MANIFEST)
                .hasMessageContaining("'digits/data.pkl': it is a PyTorch model file itself")
                .hasMessageContaining("torch-model-archiver --serialized-file");
    }

    @Test
    void open_onlyDirectories() {
        Path file = new HostileZip().stored("MAR-INF/", "").in(directory);

        Refused.opening(file, Rule.MISSING_MANIFEST).hasMessageContaining("and no other file");
    }
}
