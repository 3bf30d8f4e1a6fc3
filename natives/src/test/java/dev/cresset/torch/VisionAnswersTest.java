package dev.cresset.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.cresset.Predictor;
import dev.cresset.handler.Classification;
import dev.cresset.handler.Detection;
import dev.cresset.handler.ImageClassifier;
import dev.cresset.handler.ImageOptions;
import dev.cresset.handler.ImageSegmenter;
import dev.cresset.handler.ObjectDetector;
import dev.cresset.handler.Segmentation;
import dev.cresset.mar.ModelArchive;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Segmenters, detectors and classifiers answer for real pictures what a real TorchServe 0.12 answered; and where that
 * failed (pictures that are not RGB, scripted detectors), what Pillow, torchvision and PyTorch give in Python.
 */
class VisionAnswersTest {

    private static final JsonMapper JSON = new JsonMapper();
    private static final JsonNode RECORDED = JSON.readTree(TorchContractTest.fixture("handlers/answers.json"));

    private static ModelArchive archive(String name) throws IOException {
        return ModelArchive.open(TorchContractTest.fixture(name));
    }

    private static Predictor<byte[], String> open(String name) throws IOException {
        try (ModelArchive archive = archive(name)) {
            return Predictor.open(archive);
        }
    }

    private static byte[] read(String fixture) throws IOException {
        return Files.readAllBytes(TorchContractTest.fixture(fixture));
    }

    private static String segments(String image, String who) throws IOException {
        String name = image.substring(image.lastIndexOf('/') + 1);
        try (GZIPInputStream text = new GZIPInputStream(Files.newInputStream(
                TorchContractTest.fixture("handlers/segments/" + name + "." + who + ".json.gz")))) {
            return new String(text.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static List<String> answeredByTorchServe(String handler) {
        List<String> images = new ArrayList<>();
        RECORDED.get("torchserve").get(handler).properties().forEach(one -> {
            if (one.getValue().get("status").asInt() == 200) {
                images.add(one.getKey());
            }
        });
        assertThat(images).hasSizeGreaterThanOrEqualTo(8);
        return images;
    }

    @Test
    void imageSegmenter_answersWhatTorchServeAnswered() throws IOException {
        try (Predictor<byte[], String> predictor = open("handlers/segmenter.mar")) {
            for (String image : answeredByTorchServe("segmenter")) {
                checkSameText(image, predictor.predict(read(image)), segments(image, "torchserve"));
            }
        }
    }

    @Test
    void objectDetector_answersWhatTorchServeAnswered() throws IOException {
        try (Predictor<byte[], String> predictor = open("handlers/detector.mar")) {
            for (String image : answeredByTorchServe("detector")) {
                String recorded = RECORDED.get("torchserve")
                        .get("detector")
                        .get(image)
                        .get("body")
                        .asString();
                checkSameText(image, predictor.predict(read(image)), recorded);
            }
        }
    }

    @Test
    void imageClassifier_answersWhatTorchServeAnswered() throws IOException {
        try (Predictor<byte[], String> predictor = open("digits/digits.mar")) {
            for (String image : answeredByTorchServe("classifier")) {
                String recorded = RECORDED.get("torchserve")
                        .get("classifier")
                        .get(image)
                        .get("body")
                        .asString();
                checkSameText(image, predictor.predict(read(image)), recorded);
            }
        }
    }

    @TestFactory
    List<DynamicTest> everyArchive_answersForEveryPicture_whatPythonAnswers() {
        List<DynamicTest> tests = new ArrayList<>();
        for (String name : List.of(
                "segmenter", "detector", "list-detector", "faster-rcnn", "mask-rcnn", "retinanet", "ssd", "options")) {
            tests.add(DynamicTest.dynamicTest(name, () -> {
                try (Predictor<byte[], String> predictor = open("handlers/" + name + ".mar")) {
                    for (Map.Entry<String, JsonNode> one :
                            RECORDED.get("python").properties()) {
                        String image = one.getKey();
                        JsonNode expected = name.equals("segmenter")
                                ? JSON.readTree(segments(image, "python"))
                                : one.getValue().get(name);
                        checkSame(image, JSON.readTree(predictor.predict(read(image))), expected);
                    }
                }
            }));
        }
        return tests;
    }

    @Test
    void imageSegmenter_typed_hasWhatItsJsonHas() throws IOException {
        try (ModelArchive archive = archive("handlers/segmenter.mar");
                Predictor<byte[], Segmentation> predictor = Predictor.open(archive, ImageSegmenter.of(archive))) {
            Segmentation seen = predictor.predict(read("photos/china.jpg"));

            JsonNode expected = JSON.readTree(segments("photos/china.jpg", "torchserve"));
            assertThat(List.of(seen.height(), seen.width())).containsExactly(28, 14);
            for (int y = 0; y < seen.height(); y++) {
                for (int x = 0; x < seen.width(); x++) {
                    JsonNode pair = expected.get(y).get(x);
                    int place = y * seen.width() + x;
                    assertThat(seen.classes()[place]).isEqualTo(pair.get(0).asInt());
                    assertThat((double) seen.probabilities()[place])
                            .isCloseTo(pair.get(1).asDouble(), within(1e-4));
                }
            }
        }
    }

    @Test
    void objectDetector_typed_withAThresholdFromCode() throws IOException {
        try (ModelArchive archive = archive("handlers/list-detector.mar");
                Predictor<byte[], List<Detection>> predictor = Predictor.open(
                        archive,
                        ObjectDetector.of(
                                archive, ImageOptions.builder().threshold(0.72f).build()))) {
            List<Detection> seen = predictor.predict(read("photos/china.jpg"));

            JsonNode all = RECORDED.get("python").get("photos/china.jpg").get("list-detector");
            List<JsonNode> sure = new ArrayList<>();
            all.forEach(one -> {
                if (one.get("score").asDouble() >= 0.72) {
                    sure.add(one);
                }
            });
            assertThat(seen).hasSameSizeAs(sure).hasSizeLessThan(all.size()).isNotEmpty();
            for (int i = 0; i < sure.size(); i++) {
                Detection one = seen.get(i);
                assertThat((double) one.score())
                        .isCloseTo(sure.get(i).get("score").asDouble(), within(1e-4));
                if (!one.label().equals("score")) { // that box is lost in JSON, as in TorchServe's
                    Detection.Box box = one.box();
                    checkSame(
                            "box",
                            JSON.valueToTree(List.of(box.left(), box.top(), box.right(), box.bottom())),
                            sure.get(i).get(one.label()));
                }
            }
            assertThat(seen.stream().map(Detection::label)).contains("score", "square");
        }
    }

    @Test
    void imageClassifier_optionsFromCode_comeOverThoseOfTheArchive() throws IOException {
        try (ModelArchive archive = archive("handlers/options.mar");
                Predictor<byte[], List<Classification>> predictor = Predictor.open(
                        archive,
                        ImageClassifier.of(
                                archive, ImageOptions.builder().topK(3).build()))) {
            List<Classification> seen = predictor.predict(read("photos/china.jpg"));

            JsonNode two = RECORDED.get("python").get("photos/china.jpg").get("options");
            assertThat(seen).hasSize(3);
            assertThat(seen.stream().map(Classification::label).limit(2))
                    .containsExactlyElementsOf(two.propertyNames());
        }
    }

    /** Boxes within a hundredth of a pixel, probabilities within 1e-4. */
    private static void checkSame(String what, JsonNode actual, JsonNode expected) {
        if (expected.isNumber()) {
            double tolerance = expected.asDouble() > 1 ? 0.01 : 1e-4;
            assertThat(actual.asDouble()).as(what).isCloseTo(expected.asDouble(), within(tolerance));
        } else if (expected.isObject()) {
            assertThat(actual.propertyNames()).as(what).containsExactlyElementsOf(expected.propertyNames());
            expected.properties().forEach(one -> checkSame(what, actual.get(one.getKey()), one.getValue()));
        } else {
            assertThat(actual.size()).as(what).isEqualTo(expected.size());
            for (int i = 0; i < expected.size(); i++) {
                checkSame(what, actual.get(i), expected.get(i));
            }
        }
    }

    /** Numbers as above; beside their digits, the text is the same to the byte. */
    private static void checkSameText(String what, String answer, String recorded) {
        checkSame(what, JSON.readTree(answer), JSON.readTree(recorded));
        assertThat(answer.replaceAll("[0-9][-.0-9e]*", "#"))
                .as(what)
                .isEqualTo(recorded.replaceAll("[0-9][-.0-9e]*", "#"));
    }
}
