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

/** A model of transformers finds in a text what its pipeline finds in Python. */
class TokenClassifierTest {

    private static final JsonNode RECORDED = Recorded.json("text/tagger.json");

    private static void check(Aggregation aggregation, String recorded, String name, int padTo) throws IOException {
        List<String> texts = Recorded.texts(RECORDED);
        int compared = 0;
        try (ModelArchive archive = Recorded.archive("text/tagger.mar");
                Predictor<String, List<Entity>> predictor = Predictor.builder(
                                archive,
                                TokenClassifier.of(
                                        archive,
                                        TextOptions.builder()
                                                .aggregation(aggregation)
                                                .padToMultipleOf(padTo)
                                                .build()))
                        .batching(Batching.upTo(8))
                        .open()) {
            List<List<Entity>> answers = predictor.predictAll(texts);
            for (int i = 0; i < texts.size(); i++) {
                String text = texts.get(i);
                JsonNode expected = RECORDED.get("cases").get(i).get(recorded);
                List<Entity> found = answers.get(i);
                assertThat(found).as("text %d", i).hasSize(expected.size());
                for (int k = 0; k < expected.size(); k++) {
                    JsonNode one = expected.get(k);
                    int start = text.offsetByCodePoints(0, one.get("start").asInt());
                    int end = text.offsetByCodePoints(0, one.get("end").asInt());
                    Entity entity = found.get(k);
                    assertThat(entity.label()).isEqualTo(one.get(name).asString());
                    assertThat(List.of(entity.start(), entity.end())).containsExactly(start, end);
                    assertThat(entity.text()).isEqualTo(text.substring(start, end));
                    assertThat((double) entity.probability())
                            .isCloseTo(one.get("score").asDouble(), within(1e-4));
                    compared++;
                }
            }
        }
        assertThat(compared).isGreaterThan(200);
    }

    @Test
    void predict_tokensPutTogether_asTransformersDoes() throws IOException {
        check(Aggregation.SIMPLE, "simple", "entity_group", 1);
    }

    @Test
    void predictAll_textsFilledUp_shareBatchesAndAnswerAsTransformersDoes() throws IOException {
        check(Aggregation.SIMPLE, "simple", "entity_group", 16);
    }

    @Test
    void predict_tokenByToken_asTransformersDoes() throws IOException {
        check(Aggregation.NONE, "none", "entity", 1);
    }

    @Test
    void predict_json_byTheHandlersName(@TempDir Path folder) throws IOException {
        String text = "I loved it \ud83d\ude00 in Berlin";
        Path named = Recorded.changed("text/tagger.mar", folder, "token_classifier", Map.of());
        try (ModelArchive archive = ModelArchive.open(named);
                Predictor<byte[], String> json = Predictor.open(archive);
                Predictor<String, List<Entity>> typed = Predictor.open(archive, TokenClassifier.of(archive))) {
            JsonNode answer = Recorded.JSON.readTree(json.predict(Recorded.utf8(text)));
            List<Entity> entities = typed.predict(text);
            assertThat(answer.size()).isEqualTo(entities.size()).isPositive();
            Entity last = entities.get(entities.size() - 1);
            JsonNode one = answer.get(entities.size() - 1);
            assertThat(one.propertyNames()).containsExactly("entity_group", "score", "word", "start", "end");
            assertThat(one.get("word").asString()).isEqualTo(last.text());
            // Python counts the emoji as one.
            assertThat(one.get("end").asInt()).isEqualTo(last.end() - 1);
        }
    }

    @Test
    void predict_optionsInCodeAndInTheArchive(@TempDir Path folder) throws IOException {
        String settings = "handler:\n  aggregation_strategy: none\n  ignore_labels: [O, I-LOC]\n  threshold: 0.9\n";
        Path path =
                Recorded.changed("text/tagger.mar", folder, "token_classifier", Map.of("model-config.yaml", settings));
        String text = "The film was wonderful.";
        try (ModelArchive plain = Recorded.archive("text/tagger.mar");
                ModelArchive archive = ModelArchive.open(path);
                Predictor<String, List<Entity>> set = Predictor.open(archive, TokenClassifier.of(archive));
                Predictor<String, List<Entity>> coded = Predictor.open(
                        plain,
                        TokenClassifier.of(
                                plain,
                                TextOptions.builder()
                                        .aggregation(Aggregation.NONE)
                                        .ignoredLabels(List.of("O", "I-LOC"))
                                        .threshold(0.9)
                                        .maxLength(50)
                                        .build()))) {
            assertThat(set.predict(text)).extracting(Entity::label).containsExactly("B-PER");
            assertThat(coded.predict(text)).isEqualTo(set.predict(text));
        }
    }
}
