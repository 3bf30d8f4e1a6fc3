package dev.cresset.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.cresset.InferenceException;
import dev.cresset.InvalidInputException;
import dev.cresset.Predictor;
import dev.cresset.handler.Envelopes;
import dev.cresset.mar.ModelArchive;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Requests in TorchServe's envelopes get the answers that a real TorchServe 0.12 gave, and fail where it failed. */
class EnvelopeAnswersTest {

    private static final JsonNode RECORDED =
            new JsonMapper().readTree(TorchContractTest.fixture("envelopes/torchserve.json"));
    /** What TorchServe fails without need: base64 without a field, arrays of two lengths, tensors for a base_handler. */
    private static final List<String> ANSWERED_HERE =
            List.of("{\"b64\"", "[[1, 2], [3]]", "\"datatype\": \"INT64\", \"data\": [1, 2]");

    private static final Pattern NUMBER = Pattern.compile("-?[0-9]+(\\.[0-9]+)?(e[-+]?[0-9]+)?");

    private static Predictor<byte[], String> open(String model, String envelope) throws IOException {
        String folder = switch (model) {
            case "risk", "digits" -> model;
            case "detector" -> "handlers";
            default -> "envelopes";
        };
        Path path = TorchContractTest.fixture(folder + "/" + model + ".mar");
        try (ModelArchive archive = ModelArchive.open(path)) {
            Predictor.Builder<byte[], String> builder = Predictor.builder(archive);
            if (!envelope.equals("body")) {
                builder.envelope(new Envelopes().open(envelope, archive));
            }
            return builder.open();
        }
    }

    /** As it was sent: the recording names the one long tensor in it. */
    private static byte[] request(JsonNode recorded) {
        StringBuilder ramp = new StringBuilder();
        for (int i = 0; i < 3 * 224 * 224; i++) {
            ramp.append(i == 0 ? "[" : ", ").append(i / 224 % 224 / 256.0);
        }
        String text = recorded.get("request").asString().replace("\"RAMP\"", ramp + "]");
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @TestFactory
    List<DynamicTest> recordedRequest_getsTorchServesAnswer() {
        List<DynamicTest> tests = new ArrayList<>();
        for (String envelope : List.of("body", "json", "kserve", "kservev2")) {
            for (JsonNode recorded : RECORDED.get(envelope)) {
                String model = recorded.get("model").asString();
                String text = recorded.get("request").asString();
                String name = envelope + " " + model + " " + text.substring(0, Math.min(60, text.length()));
                tests.add(DynamicTest.dynamicTest(name, () -> {
                    try (Predictor<byte[], String> predictor = open(model, envelope)) {
                        check(recorded, predictor, request(recorded));
                    }
                }));
            }
        }
        assertThat(tests).hasSizeGreaterThan(50);
        return tests;
    }

    private static void check(JsonNode recorded, Predictor<byte[], String> predictor, byte[] request) {
        if (recorded.get("status").asInt() == 200) {
            checkSame(predictor.predict(request), recorded.get("body").asString());
        } else if (ANSWERED_HERE.stream().anyMatch(recorded.get("request").asString()::contains)
                && !recorded.get("request").asString().contains("c2V2ZW4=")) {
            assertThat(predictor.predict(request)).isNotEmpty();
        } else {
            assertThatThrownBy(() -> predictor.predict(request)).isInstanceOf(InferenceException.class);
        }
    }

    private static void checkSame(String answer, String recorded) {
        assertThat(withoutNumbersAndIds(answer)).isEqualTo(withoutNumbersAndIds(recorded));
        List<Double> actual = numbers(answer);
        List<Double> expected = numbers(recorded);
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < actual.size(); i++) {
            assertThat(actual.get(i)).isCloseTo(expected.get(i), within(1e-4));
        }
    }

    /** An id that nobody gave is another every time. A number with a point stays one with a point. */
    private static String withoutNumbersAndIds(String text) {
        return withoutIds(text)
                .replaceAll("-?[0-9]+\\.[0-9]+(e[-+]?[0-9]+)?", "#.#")
                .replaceAll("-?[0-9]+", "#");
    }

    private static String withoutIds(String text) {
        return text.replaceAll("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "UUID");
    }

    private static List<Double> numbers(String text) {
        List<Double> numbers = new ArrayList<>();
        Matcher matcher = NUMBER.matcher(withoutIds(text));
        while (matcher.find()) {
            numbers.add(Double.valueOf(matcher.group()));
        }
        return numbers;
    }

    @Test
    void oneBadItem_failsItsRequestAndSaysWhich() throws IOException {
        byte[] bad = "{\"instances\": [[1, 2], [\"x\"], [3]]}".getBytes(StandardCharsets.UTF_8);
        byte[] good = "{\"instances\": [[1, 2], [3, 4]]}".getBytes(StandardCharsets.UTF_8);
        try (Predictor<byte[], String> predictor = open("double", "json")) {
            assertThatThrownBy(() -> predictor.predict(bad))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessage(
                            "item 2 of 3: double.mar: the request has STRING where a number is expected; it must be a"
                                    + " nested array of numbers");
            assertThat(predictor.predict(good)).isEqualTo("{\"predictions\": [[2, 4], [6, 8]]}");
        }
    }

    @Test
    void predictAll_ofRequestsInEnvelopes_answersEach() throws IOException {
        byte[] one = "{\"instances\": [[1]]}".getBytes(StandardCharsets.UTF_8);
        byte[] two = "{\"instances\": [[2], [3]]}".getBytes(StandardCharsets.UTF_8);
        try (Predictor<byte[], String> predictor = open("double", "json")) {
            assertThat(predictor.predictAll(List.of(one, two)))
                    .containsExactly("{\"predictions\": [[2]]}", "{\"predictions\": [[4], [6]]}");
        }
    }

    @Test
    void imageClassifier_anImageInBase64_isThatImage() throws IOException {
        byte[] png = Files.readAllBytes(TorchContractTest.fixture("digits/images/0034-six.png"));
        try (Predictor<byte[], String> predictor = open("digits", "body")) {
            assertThat(predictor.predict(Base64.getMimeEncoder().encode(png))).isEqualTo(predictor.predict(png));
        }
    }
}
