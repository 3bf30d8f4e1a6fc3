package dev.cresset.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.cresset.Batching;
import dev.cresset.Predictor;
import dev.cresset.mar.ModelArchive;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** An encoder of transformers gives the vectors that it gives in Python. */
class TextEmbedderTest {

    private static final JsonNode RECORDED = Recorded.json("text/embedder.json");

    private static void check(ModelArchive archive, TextEmbedder embedder, String recorded) throws IOException {
        List<String> texts = Recorded.texts(RECORDED);
        try (Predictor<String, float[]> predictor =
                Predictor.builder(archive, embedder).batching(Batching.upTo(8)).open()) {
            List<float[]> answers = predictor.predictAll(texts);
            for (int i = 0; i < texts.size(); i++) {
                float[] expected = Recorded.floats(RECORDED.get("cases").get(i).get(recorded));
                assertThat(answers.get(i)).as("%s of text %d", recorded, i).containsExactly(expected, within(1e-4f));
            }
        }
        assertThat(texts.size()).isGreaterThan(25);
    }

    @Test
    void predict_settingsOfTheArchive_asTransformersDoes() throws IOException {
        try (ModelArchive archive = Recorded.archive("text/embedder.mar")) {
            check(archive, TextEmbedder.of(archive), "mean");
        }
    }

    @Test
    void predictAll_textsFilledUp_shareBatchesAndAnswerAsTransformersDoes() throws IOException {
        try (ModelArchive archive = Recorded.archive("text/embedder.mar")) {
            check(
                    archive,
                    TextEmbedder.of(
                            archive, TextOptions.builder().padToMultipleOf(16).build()),
                    "mean");
        }
    }

    @Test
    void predict_settingsInCode_asTransformersDoes() throws IOException {
        try (ModelArchive archive = Recorded.archive("text/embedder.mar")) {
            check(
                    archive,
                    TextEmbedder.of(
                            archive,
                            TextOptions.builder()
                                    .pooling(Pooling.CLS)
                                    .normalize(false)
                                    .build()),
                    "cls");
        }
    }

    @Test
    void predict_json_byTheHandlersName(@TempDir Path folder) throws IOException {
        Path named = Recorded.changed("text/embedder.mar", folder, "text_embedder", Map.of());
        try (ModelArchive archive = ModelArchive.open(named);
                Predictor<byte[], String> predictor = Predictor.open(archive)) {
            JsonNode answer = Recorded.JSON.readTree(predictor.predict(Recorded.utf8("The film was wonderful.")));
            assertThat(Recorded.floats(answer))
                    .containsExactly(
                            Recorded.floats(RECORDED.get("cases").get(3).get("mean")), within(1e-4f));
        }
    }
}
