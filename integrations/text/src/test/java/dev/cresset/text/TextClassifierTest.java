package dev.cresset.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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

/** The archive that a real TorchServe 0.12 served with its text_classifier is opened here, and gives its answers. */
class TextClassifierTest {

    private static final JsonNode RECORDED = Recorded.json("topics/torchserve.json");

    @Test
    void predict_json_asTorchServeAnswered() throws IOException {
        int answered = 0;
        try (ModelArchive archive = Recorded.archive("topics/topics.mar");
                Predictor<byte[], String> predictor = Predictor.open(archive)) {
            for (JsonNode one : RECORDED.get("texts")) {
                String text = one.get("text").asString();
                byte[] request = Recorded.utf8(text);
                if (one.get("status").asInt() == 200) {
                    Recorded.checkSame(
                            text, predictor.predict(request), one.get("body").asString());
                    answered++;
                } else {
                    assertThatThrownBy(() -> predictor.predict(request))
                            .isInstanceOf(InvalidInputException.class)
                            .hasMessage("topics.mar: the text has no words in ASCII, of which text_classifier needs at"
                                    + " least one");
                }
            }
        }
        assertThat(answered).isGreaterThan(40);
    }

    @Test
    void predict_typed() throws IOException {
        try (ModelArchive archive = Recorded.archive("topics/topics.mar");
                Predictor<String, List<Classification>> predictor =
                        Predictor.open(archive, TextClassifier.of(archive))) {
            List<Classification> answer = predictor.predict("The striker's goal decided the match");
            assertThat(answer)
                    .extracting(Classification::label)
                    .containsExactly("World", "Sports", "Business", "Sci/Tec");
            assertThat(answer.get(1).probability()).isGreaterThan(0.5f);
        }
    }

    @Test
    void predict_notUtf8_isRefusedAndTheNextIsAnswered() throws IOException {
        try (ModelArchive archive = Recorded.archive("topics/topics.mar");
                Predictor<byte[], String> predictor = Predictor.open(archive)) {
            assertThatThrownBy(() -> predictor.predict(new byte[] {'o', 'i', 'l', (byte) 0xff}))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageStartingWith("topics.mar: the request is not text in UTF-8");
            assertThat(predictor.predict(Recorded.utf8("oil prices"))).startsWith("{\n  \"World\": ");
        }
    }

    @Test
    void of_aListOfWords_isTheSameVocabulary(@TempDir Path folder) throws IOException {
        String list;
        try (ModelArchive archive = Recorded.archive("topics/topics.mar")) {
            list = Recorded.JSON.writeValueAsString(List.copyOf(
                    Recorded.JSON.readTree(archive.read("source_vocab.json")).propertyNames()));
        }
        Path path = Recorded.changed("topics/topics.mar", folder, "text_classifier", Map.of("source_vocab.json", list));
        try (ModelArchive archive = ModelArchive.open(path);
                Predictor<byte[], String> predictor = Predictor.open(archive)) {
            JsonNode one = RECORDED.get("texts").get(3);
            Recorded.checkSame(
                    "a list",
                    predictor.predict(Recorded.utf8(one.get("text").asString())),
                    one.get("body").asString());
        }
    }

    @Test
    void predict_unknownWordWithoutUnk(@TempDir Path folder) throws IOException {
        Path path = Recorded.changed(
                "topics/topics.mar", folder, "text_classifier", Map.of("source_vocab.json", "{\"oil\": 1}"));
        try (ModelArchive archive = ModelArchive.open(path);
                Predictor<byte[], String> predictor = Predictor.open(archive)) {
            assertThatThrownBy(() -> predictor.predict(Recorded.utf8("oil rises")))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessage("topics.mar: the vocabulary has neither 'rises' nor <unk> for words that it lacks");
        }
    }

    @Test
    void predict_byTorchServesOwnVocabularyFile_asTorchServeAnswered(@TempDir Path folder) throws IOException {
        Path path = Recorded.changed("topics/topics.mar", folder, "text_classifier", Map.of("source_vocab.json", ""));
        int answered = 0;
        try (ModelArchive archive = ModelArchive.open(path);
                Predictor<byte[], String> predictor = Predictor.open(archive)) {
            for (JsonNode one : RECORDED.get("texts")) {
                if (one.get("status").asInt() == 200) {
                    String text = one.get("text").asString();
                    Recorded.checkSame(
                            text,
                            predictor.predict(Recorded.utf8(text)),
                            one.get("body").asString());
                    answered++;
                }
            }
        }
        assertThat(answered).isGreaterThan(40);
    }

    @Test
    void of_noVocabulary(@TempDir Path folder) throws IOException {
        Path path = Recorded.changed(
                "topics/topics.mar", folder, "text_classifier", Map.of("source_vocab.json", "", "source_vocab.pt", ""));
        try (ModelArchive archive = ModelArchive.open(path)) {
            assertThatThrownBy(() -> Predictor.open(archive))
                    .isInstanceOf(IOException.class)
                    .hasMessage(
                            "topics.mar: there is no source_vocab.json; pack the vocabulary as source_vocab.json, an object"
                                    + " from words to numbers or a list of words (of torchtext's: json.dump(vocab.get_stoi(),"
                                    + " file))");
        }
    }

    @Test
    void of_aVocabularyThatNeedsPython(@TempDir Path folder) throws IOException {
        Path path = Recorded.changed(
                "topics/topics.mar",
                folder,
                "text_classifier",
                Map.of("source_vocab.json", "", "source_vocab.pt", "not what torch.save writes"));
        try (ModelArchive archive = ModelArchive.open(path)) {
            assertThatThrownBy(() -> Predictor.open(archive))
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("topics.mar: its source_vocab.pt cannot be read without Python: ")
                    .hasMessageContaining("; pack the vocabulary as source_vocab.json");
        }
    }

    @Test
    void of_malformedVocabularies(@TempDir Path folder) throws IOException {
        Map<String, String> malformed = Map.of(
                "{\"oil\": \"1\"}", "'oil' is \"1\", expected",
                "[1]", "element 0 is 1, expected",
                "7", "it is NUMBER, expected",
                "{", "is not JSON");
        for (Map.Entry<String, String> one : malformed.entrySet()) {
            Path path = Recorded.changed(
                    "topics/topics.mar", folder, "text_classifier", Map.of("source_vocab.json", one.getKey()));
            try (ModelArchive archive = ModelArchive.open(path)) {
                assertThatThrownBy(() -> TextClassifier.of(archive))
                        .isInstanceOf(IOException.class)
                        .hasMessageStartingWith("topics.mar: source_vocab.json")
                        .hasMessageContaining(one.getValue());
            }
        }
    }
}
