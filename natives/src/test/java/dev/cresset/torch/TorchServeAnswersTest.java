package dev.cresset.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.cresset.ClosedException;
import dev.cresset.InvalidInputException;
import dev.cresset.Predictor;
import dev.cresset.engine.InThread;
import dev.cresset.mar.ModelArchive;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The archive that a real TorchServe 0.12 served is opened here, and gives its answers. */
class TorchServeAnswersTest {

    private static final JsonMapper JSON = new JsonMapper();
    private static final JsonNode RECORDED = JSON.readTree(TorchContractTest.fixture("digits/torchserve.json"));

    private static Predictor<byte[], String> open(String archive) throws IOException {
        try (ModelArchive opened = ModelArchive.open(TorchContractTest.fixture(archive))) {
            return Predictor.open(opened);
        }
    }

    private static byte[] read(String fixture) throws IOException {
        return Files.readAllBytes(TorchContractTest.fixture(fixture));
    }

    @Test
    void imageClassifier_answersWhatTorchServeAnswered() throws IOException {
        try (Predictor<byte[], String> predictor = open("digits/digits.mar")) {
            for (Map.Entry<String, JsonNode> recorded : RECORDED.get("answers").properties()) {
                String answer = predictor.predict(read("digits/images/" + recorded.getKey()));
                checkSame(recorded.getKey(), answer, recorded.getValue().asString());
            }
        }
        assertThat(RECORDED.get("answers").size()).isGreaterThanOrEqualTo(150);
    }

    @Test
    void imageClassifier_answersForPhotos_alsoWhereTorchServeFails() throws IOException {
        int compared = 0;
        try (Predictor<byte[], String> predictor = open("digits/digits.mar")) {
            JsonNode files = JSON.readTree(TorchContractTest.fixture("photos/expected.json"))
                    .get("files");
            for (Map.Entry<String, JsonNode> photo : RECORDED.get("photos").properties()) {
                byte[] bytes = read("photos/" + photo.getKey());
                if (photo.getValue().get("status").asInt() == 200) {
                    checkSame(
                            photo.getKey(),
                            predictor.predict(bytes),
                            photo.getValue().get("body").asString());
                    compared++;
                } else if (files.get(photo.getKey()).has("error")) {
                    assertThatThrownBy(() -> predictor.predict(bytes)).isInstanceOf(InvalidInputException.class);
                } else {
                    // Grey, palette, alpha, CMYK: the pixels are Pillow's (ImageDecoderTest); TorchServe refuses them.
                    assertThat(JSON.readTree(predictor.predict(bytes)).size()).isEqualTo(5);
                }
            }
        }
        assertThat(compared).isGreaterThan(15);
    }

    @Test
    void imageClassifier_ofThreeClasses_answersThree() throws IOException {
        try (Predictor<byte[], String> predictor = open("digits/three.mar")) {
            JsonNode answer = JSON.readTree(predictor.predict(read("digits/images/0034-six.png")));
            assertThat(answer.size()).isEqualTo(3);
        }
    }

    @Test
    void imageClassifier_whatIsNoImage_isRefusedAndTheNextIsAnswered() throws IOException {
        try (Predictor<byte[], String> predictor = open("digits/digits.mar")) {
            assertThatThrownBy(() -> predictor.predict("seven".getBytes(StandardCharsets.UTF_8)))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessage("digits.mar: not a JPEG or PNG image: it starts with 'seven' (5 bytes)");
            assertThat(predictor.predict(read("digits/images/0034-six.png"))).startsWith("{\n  \"six\": 0.9");
        }
    }

    @Test
    void imageClassifier_fromManyThreads() throws Exception {
        try (Predictor<byte[], String> predictor = open("digits/digits.mar")) {
            byte[] six = read("digits/images/0034-six.png");
            byte[] one = read("digits/images/0021-one.png");
            String sixAnswer = predictor.predict(six);
            String oneAnswer = predictor.predict(one);
            List<CompletableFuture<Boolean>> callers = new ArrayList<>();
            for (int caller = 0; caller < 4; caller++) {
                boolean even = caller % 2 == 0;
                callers.add(InThread.supply(() -> {
                    boolean same = true;
                    for (int i = 0; i < 20; i++) {
                        same &= predictor.predict(even ? six : one).equals(even ? sixAnswer : oneAnswer);
                    }
                    return same;
                }));
            }
            for (CompletableFuture<Boolean> caller : callers) {
                assertThat(caller.get()).isTrue();
            }
        }
    }

    @Test
    void predict_afterClose() throws IOException {
        Predictor<byte[], String> predictor = open("digits/digits.mar");
        predictor.close();
        byte[] six = read("digits/images/0034-six.png");
        assertThatThrownBy(() -> predictor.predict(six))
                .isInstanceOf(ClosedException.class)
                .hasMessage("predictor of digits.mar is closed");
    }

    private static void checkSame(String name, String answer, String recorded) {
        JsonNode actual = JSON.readTree(answer);
        JsonNode expected = JSON.readTree(recorded);
        assertThat(actual.propertyNames()).as(name).containsExactlyElementsOf(expected.propertyNames());
        for (Map.Entry<String, JsonNode> one : expected.properties()) {
            assertThat(actual.get(one.getKey()).asDouble())
                    .as("%s: %s", name, one.getKey())
                    .isCloseTo(one.getValue().asDouble(), within(1e-4));
        }
        // Beside the digits of its numbers, the text is the same to the byte.
        assertThat(answer.replaceAll("[0-9][-.0-9e]*", "#"))
                .as(name)
                .isEqualTo(recorded.replaceAll("[0-9][-.0-9e]*", "#"));
    }
}
