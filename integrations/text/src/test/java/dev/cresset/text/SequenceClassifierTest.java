package dev.cresset.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.cresset.Batching;
import dev.cresset.InvalidInputException;
import dev.cresset.Predictor;
import dev.cresset.handler.Classification;
import dev.cresset.mar.ModelArchive;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A model of transformers classifies texts as it does in Python, and as a real TorchServe did. */
class SequenceClassifierTest {

    private static final JsonNode RECORDED = Recorded.json("text/sentiment.json");

    @Test
    void predict_asTransformersDoes() throws IOException {
        List<String> texts = Recorded.texts(RECORDED);
        try (ModelArchive archive = Recorded.archive("text/sentiment.mar");
                Predictor<String, List<Classification>> predictor =
                        Predictor.open(archive, SequenceClassifier.of(archive))) {
            for (int i = 0; i < texts.size(); i++) {
                List<Classification> answer = predictor.predict(texts.get(i));
                JsonNode expected = RECORDED.get("cases").get(i).get("answer");
                assertThat(answer).as("text %d", i).hasSize(expected.size());
                for (int k = 0; k < expected.size(); k++) {
                    assertThat(answer.get(k).label())
                            .isEqualTo(expected.get(k).get("label").asString());
                    assertThat((double) answer.get(k).probability())
                            .as("text %d, class %d", i, k)
                            .isCloseTo(expected.get(k).get("score").asDouble(), within(1e-4));
                }
            }
        }
        assertThat(texts.size()).isGreaterThan(25);
    }

    @Test
    void predictAll_textsFilledUp_shareBatchesAndAnswerAsTransformersDoes() throws IOException {
        List<String> texts = Recorded.texts(RECORDED);
        try (ModelArchive archive = Recorded.archive("text/sentiment.mar");
                Predictor<String, List<Classification>> predictor = Predictor.builder(
                                archive,
                                SequenceClassifier.of(
                                        archive,
                                        TextOptions.builder()
                                                .padToMultipleOf(16)
                                                .build()))
                        .batching(Batching.upTo(8))
                        .open()) {
            List<List<Classification>> answers = predictor.predictAll(texts);
            for (int i = 0; i < texts.size(); i++) {
                JsonNode expected = RECORDED.get("cases").get(i).get("answer");
                for (int k = 0; k < expected.size(); k++) {
                    assertThat(answers.get(i).get(k).label())
                            .isEqualTo(expected.get(k).get("label").asString());
                    assertThat((double) answers.get(i).get(k).probability())
                            .as("text %d, class %d", i, k)
                            .isCloseTo(expected.get(k).get("score").asDouble(), within(1e-4));
                }
            }
        }
    }

    @Test
    void predict_pairs_asTransformersDoes() throws IOException {
        try (ModelArchive archive = Recorded.archive("text/sentiment.mar");
                Predictor<TextPair, List<Classification>> predictor =
                        Predictor.open(archive, SequenceClassifier.of(archive).forPairs());
                Predictor<byte[], String> json =
                        Predictor.open(archive, SequenceClassifier.of(archive).asJson())) {
            for (JsonNode pair : RECORDED.get("pairs")) {
                TextPair request = new TextPair(
                        pair.get("text").asString(), pair.get("pair").asString());
                float[] expected = Recorded.floats(pair.get("probabilities"));
                List<Classification> answer = predictor.predict(request);
                assertThat(answer).hasSize(expected.length);
                for (Classification one : answer) {
                    assertThat(one.probability()).as("%s", request).isCloseTo(expected[one.index()], within(1e-4f));
                }
                String body =
                        Recorded.JSON.writeValueAsString(Map.of("text", request.text(), "text_pair", request.pair()));
                assertThat(json.predict(Recorded.utf8(body))).isEqualTo(SequenceClassifier.toJson(answer));
            }
        }
    }

    @Test
    void predict_json_asTorchServeAnswered(@TempDir Path folder) throws IOException {
        Path named = Recorded.changed("text/sentiment.mar", folder, "sequence_classifier", Map.of());
        List<String> texts = Recorded.texts(RECORDED);
        try (ModelArchive archive = ModelArchive.open(named);
                Predictor<byte[], String> predictor = Predictor.open(archive)) {
            for (int i = 0; i < texts.size(); i++) {
                JsonNode served = RECORDED.get("torchserve").get(i);
                assertThat(served.get("status").asInt()).isEqualTo(200);
                String answer = predictor.predict(Recorded.utf8(texts.get(i)));
                Recorded.checkSame("text " + i, answer, served.get("body").asString());
            }
        }
    }

    @Test
    void predict_options_inCode() throws IOException {
        try (ModelArchive archive = Recorded.archive("text/sentiment.mar")) {
            float[] logits = Recorded.floats(RECORDED.get("cases").get(3).get("logits"));
            List<Classification> raw = predict(
                    archive,
                    SequenceClassifier.of(
                            archive,
                            TextOptions.builder()
                                    .functionToApply(ScoreFunction.NONE)
                                    .build()));
            assertThat(raw)
                    .allSatisfy(one -> assertThat(one.probability()).isCloseTo(logits[one.index()], within(1e-4f)));
            List<Classification> sigmoid = predict(
                    archive,
                    SequenceClassifier.of(
                            archive,
                            TextOptions.builder()
                                    .functionToApply(ScoreFunction.SIGMOID)
                                    .build()));
            assertThat(sigmoid)
                    .allSatisfy(one -> assertThat((double) one.probability())
                            .isCloseTo(1 / (1 + Math.exp(-logits[one.index()])), within(1e-4)));
            assertThat(predict(
                            archive,
                            SequenceClassifier.of(
                                    archive, TextOptions.builder().topK(2).build())))
                    .hasSize(2);
            assertThat(predict(
                            archive,
                            SequenceClassifier.of(
                                    archive,
                                    TextOptions.builder().threshold(0.5).build())))
                    .extracting(Classification::label)
                    .containsExactly("positive");
            assertThatThrownBy(() -> SequenceClassifier.of(
                            archive, TextOptions.builder().topK(0).build()))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> SequenceClassifier.of(
                            archive, TextOptions.builder().maxLength(0).build()))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void predict_options_inTheArchive(@TempDir Path folder) throws IOException {
        String settings = "handler:\n  function_to_apply: none\n  top_k: 1\n  threshold: 1.5\n  max_length: 8\n";
        Path path = Recorded.changed(
                "text/sentiment.mar", folder, "sequence_classifier", Map.of("model-config.yaml", settings));
        try (ModelArchive archive = ModelArchive.open(path)) {
            List<Classification> answer = predict(archive, SequenceClassifier.of(archive));
            assertThat(answer).hasSize(1);
            assertThat(answer.get(0).probability()).isCloseTo(2.0714f, within(1e-3f));
            SequenceClassifier strict = SequenceClassifier.of(
                    archive,
                    TextOptions.builder().truncation(Truncation.DO_NOT_TRUNCATE).build());
            try (Predictor<String, List<Classification>> predictor = Predictor.open(archive, strict)) {
                assertThatThrownBy(() -> predictor.predict("one two three four five six seven"))
                        .isInstanceOf(InvalidInputException.class)
                        .hasMessageContaining("expected at most 8");
            }
        }
    }

    private static List<Classification> predict(ModelArchive archive, SequenceClassifier classifier)
            throws IOException {
        try (Predictor<String, List<Classification>> predictor = Predictor.open(archive, classifier)) {
            return predictor.predict("The film was wonderful.");
        }
    }

    @Test
    void predict_severalLabelsAtOnce_areScoredOneByOne(@TempDir Path folder) throws IOException {
        String config = """
                {"problem_type": "multi_label_classification", "id2label": {"0": "a", "1": "b", "2": "c"}}""";
        Path path =
                Recorded.changed("text/sentiment.mar", folder, "sequence_classifier", Map.of("config.json", config));
        float[] logits = Recorded.floats(RECORDED.get("cases").get(3).get("logits"));
        try (ModelArchive archive = ModelArchive.open(path)) {
            List<Classification> answer = predict(archive, SequenceClassifier.of(archive));
            assertThat(answer).extracting(Classification::label).containsExactly("c", "b", "a");
            assertThat((double) answer.get(0).probability()).isCloseTo(1 / (1 + Math.exp(-logits[2])), within(1e-4));
        }
    }

    @Test
    void predict_badRequests_areRefusedAndTheNextIsAnswered() throws IOException {
        try (ModelArchive archive = Recorded.archive("text/sentiment.mar");
                Predictor<byte[], String> predictor =
                        Predictor.open(archive, SequenceClassifier.of(archive).asJson())) {
            String before = predictor.predict(Recorded.utf8("The film was wonderful."));
            Map<byte[], String> bad = Map.of(
                    new byte[] {'a', (byte) 0xc3, '('},
                    "sentiment.mar: the request is not text in UTF-8",
                    new byte[] {(byte) 0xed, (byte) 0xa0, (byte) 0x80},
                    "sentiment.mar: the request is not text in UTF-8",
                    Recorded.utf8("{\"text\": "),
                    "sentiment.mar: the request starts with '{' but is not JSON: ",
                    Recorded.utf8("{\"txt\": \"a\"}"),
                    "sentiment.mar: the request's 'text' is missing, expected ",
                    Recorded.utf8("{\"text\": 7}"),
                    "sentiment.mar: the request's 'text' is NUMBER, expected ",
                    Recorded.utf8("{\"text\": \"\\ud83d\"}"),
                    "sentiment.mar: the text has half a character",
                    Recorded.utf8("{\"text\": \"a\", \"text_pair\": []}"),
                    "sentiment.mar: the request's 'text_pair' is ARRAY, expected ");
            for (Map.Entry<byte[], String> one : bad.entrySet()) {
                assertThatThrownBy(() -> predictor.predict(one.getKey()))
                        .isInstanceOf(InvalidInputException.class)
                        .hasMessageStartingWith(one.getValue());
                assertThat(predictor.predict(Recorded.utf8("The film was wonderful.")))
                        .isEqualTo(before);
            }
        }
    }
}
