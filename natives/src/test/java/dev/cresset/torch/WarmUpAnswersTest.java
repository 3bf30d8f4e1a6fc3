package dev.cresset.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cresset.ModelLoadException;
import dev.cresset.Plan;
import dev.cresset.Predictor;
import dev.cresset.mar.ModelArchive;
import dev.cresset.mar.ModelArchiveWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The model that a real TorchServe 0.12 served, in an archive that carries pictures and TorchServe's answers to them. */
class WarmUpAnswersTest {

    private static final JsonNode ANSWERS = new JsonMapper()
            .readTree(TorchContractTest.fixture("digits/torchserve.json"))
            .get("answers");

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private Path pack(List<String> pictures, String answersOfOthers) throws IOException {
        ModelArchiveWriter.Builder writer = ModelArchiveWriter.builder("checked", "1.0", "image_classifier");
        try (ModelArchive digits = ModelArchive.open(TorchContractTest.fixture("digits/digits.mar"))) {
            digits.extract("digits.pt", folder.resolve("digits.pt"));
            writer.serializedFile(folder.resolve("digits.pt"))
                    .extraFile("index_to_name.json", digits.read("index_to_name.json"));
        }
        StringBuilder settings = new StringBuilder("warmUp:\n");
        for (String picture : pictures) {
            String recorded = ANSWERS.get(answersOfOthers.isEmpty() ? picture : answersOfOthers)
                    .asString();
            writer.extraFile(TorchContractTest.fixture("digits/images/" + picture))
                    .extraFile(picture + ".json", recorded.getBytes(StandardCharsets.UTF_8));
            settings.append("  - input: ").append(picture).append('\n');
            settings.append("    expected: ").append(picture).append(".json\n");
        }
        Path config = Files.writeString(folder.resolve("model-config.yaml"), settings);
        return writer.configFile(config).build().write(folder);
    }

    @Test
    void open_samplesThatTorchServeAnswered_areAnsweredAlike() throws IOException {
        List<String> pictures =
                ANSWERS.propertyStream().map(Map.Entry::getKey).limit(40).toList();
        try (ModelArchive archive = ModelArchive.open(pack(pictures, ""));
                Predictor<byte[], String> predictor = Predictor.open(archive)) {
            assertThat(predictor.plan().origin()).isNotEqualTo(Plan.Origin.NOT_TUNED);
        }
    }

    @Test
    void open_theAnswerToAnotherPicture_isRefused() throws IOException {
        try (ModelArchive archive = ModelArchive.open(pack(List.of("0034-six.png"), "0021-one.png"))) {
            assertThatThrownBy(() -> Predictor.open(archive))
                    .isInstanceOf(ModelLoadException.class)
                    .hasMessageStartingWith(
                            "checked.mar: the answer to warm-up sample 1 of 1 ('0034-six.png') is not that of"
                                    + " '0034-six.png.json': there is 0.00")
                    .hasMessageContaining(" at /one, expected 0.9935617446899414 within 0.001");
        }
    }
}
