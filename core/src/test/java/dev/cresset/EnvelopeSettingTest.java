package dev.cresset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cresset.engine.OpenThings;
import dev.cresset.mar.ModelArchive;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The envelope that an archive's settings name. */
@ExtendWith(OpenThings.class)
class EnvelopeSettingTest {

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private Predictor<byte[], String> open(String settings) throws IOException {
        String manifest = TestArchives.manifest(
                "m", "base_handler", "\"serializedFile\": \"model.pt\", \"configFile\": \"model-config.yaml\"");
        Path path = TestArchives.write(
                folder.resolve("m.mar"), manifest, "model.pt", "contract", "model-config.yaml", settings);
        try (ModelArchive archive = ModelArchive.open(path)) {
            return Predictor.open(archive);
        }
    }

    @Test
    void open_settingsThatNameAnEnvelope_takeIt() throws IOException {
        try (Predictor<byte[], String> predictor = open("service_envelope: json")) {
            assertThat(predictor.predict("{\"instances\": [[1.5], [2]]}".getBytes(StandardCharsets.UTF_8)))
                    .isEqualTo("{\"predictions\": [[4.0], [5.0]]}");
        }
    }

    @Test
    void open_settingsThatNameNone_meanOneItemARequest() throws IOException {
        try (Predictor<byte[], String> predictor = open("service_envelope: body")) {
            assertThat(predictor.predict("[1.5]".getBytes(StandardCharsets.UTF_8)))
                    .isEqualTo("[\n  4.0\n]");
        }
    }

    @Test
    void open_anEnvelopeThatNobodyKnows_namesThoseThatAreThere() {
        assertThatThrownBy(() -> open("service_envelope: seldon"))
                .isInstanceOf(ModelLoadException.class)
                .hasMessage(
                        "m.mar: its settings name the service_envelope 'seldon', there are only [body, json, kserve,"
                                + " kservev2]");
    }
}
