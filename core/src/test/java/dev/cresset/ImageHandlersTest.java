package dev.cresset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cresset.engine.FakeModule;
import dev.cresset.engine.FakeModules;
import dev.cresset.engine.OpenThings;
import dev.cresset.handler.Classification;
import dev.cresset.handler.Detection;
import dev.cresset.handler.ImageClassifier;
import dev.cresset.handler.ImageOptions;
import dev.cresset.handler.ImageSegmenter;
import dev.cresset.handler.Interpolation;
import dev.cresset.handler.ObjectDetector;
import dev.cresset.mar.ModelArchive;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Handlers of images over the fake engine: their options, what they hand to a model, what they refuse to read of it. */
@ExtendWith(OpenThings.class)
class ImageHandlersTest {

    private static final String NAMES = "{\"0\": \"cat\", \"1\": \"dog\", \"2\": \"emu\"}";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private ModelArchive archive(String handler, String yaml) throws IOException {
        return ModelArchive.open(TestArchives.write(
                folder.resolve("m.mar"),
                TestArchives.manifest(
                        "m", handler, "\"serializedFile\": \"model.pt\", \"configFile\": \"model-config.yaml\""),
                Map.of("model.pt", "answering", "model-config.yaml", yaml, "names.json", NAMES)));
    }

    private static byte[] png(int width, int height) throws IOException {
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        ImageIO.write(new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB), "png", png);
        return png.toByteArray();
    }

    /** Answers one call at a time: several workers meet the model at once when it is opened, and tests take notes. */
    private static void answering(String type, Function<List<Value>, Value> answer) {
        FakeModules.put(
                "answering",
                () -> new FakeModule().method("forward", "x: " + type, "Any", arguments -> {
                    synchronized (answer) {
                        return answer.apply(arguments);
                    }
                }));
    }

    private static Value found(float... scores) {
        float[] boxes = new float[4 * scores.length];
        long[] labels = new long[scores.length];
        for (int i = 0; i < boxes.length; i++) {
            boxes[i] = i;
        }
        for (int i = 0; i < labels.length; i++) {
            labels[i] = i;
        }
        return Value.dict(Map.of(
                "boxes", Tensor.of(boxes, scores.length, 4),
                "labels", Tensor.of(labels, scores.length),
                "scores", Tensor.of(scores, scores.length)));
    }

    private List<Detection> detect(String yaml, byte[] image) throws IOException {
        try (ModelArchive archive = archive("object_detector", yaml);
                Predictor<byte[], List<Detection>> predictor = Predictor.open(archive, ObjectDetector.of(archive))) {
            return predictor.predict(image);
        }
    }

    private String answer(String handler, String yaml, byte[] image) throws IOException {
        try (ModelArchive archive = archive(handler, yaml);
                Predictor<byte[], String> predictor = Predictor.open(archive)) {
            return predictor.predict(image);
        }
    }

    // ---- options ----

    @Test
    void classifier_optionsOfTheArchive_reachTheModelAndTheAnswer() throws IOException {
        List<String> shapes = new ArrayList<>();
        answering("Tensor", a -> {
            shapes.add(a.get(0).toString());
            return Tensor.of(new float[] {1, 3, 2}, 1, 3);
        });

        String answer = answer(
                "image_classifier", "handler: {top-k: 2, resize: 40, crop: 32, labels: names.json}", png(60, 50));

        assertThat(shapes).last().isEqualTo("tensor float32 [1, 3, 32, 32]");
        assertThat(answer).startsWith("{\n  \"dog\": 0.66").contains("\"emu\"").doesNotContain("cat");
    }

    @Test
    void classifier_meanAndDeviation_reachTheModel() throws IOException {
        List<Float> firsts = new ArrayList<>();
        answering("Tensor", a -> {
            float[] data = a.get(0).asTensor().toFloatArray();
            firsts.addAll(List.of(data[0], data[4], data[8]));
            return Tensor.of(new float[] {1}, 1, 1);
        });

        answer("image_classifier", "handler: {crop: 2, mean: [1, 2, 0.5], std: [1, 0.5, -1]}", png(2, 2));

        assertThat(firsts.subList(firsts.size() - 3, firsts.size())).containsExactly(-1f, -4f, 0.5f);
    }

    @Test
    void classifier_threshold_leavesOutWhatIsLessLikely() throws IOException {
        answering("Tensor", a -> Tensor.of(new float[] {1, 3, 2}, 1, 3));
        try (ModelArchive archive = archive("image_classifier", "handler: {threshold: 0.9}");
                Predictor<byte[], List<Classification>> predictor = Predictor.open(
                        archive,
                        ImageClassifier.of(
                                archive, ImageOptions.builder().threshold(0.2f).build()))) {
            assertThat(predictor.predict(png(3, 3)).stream().map(Classification::index))
                    .containsExactly(1, 2);
        }
    }

    @Test
    void detector_thresholdAndLabelsOfTheArchive() throws IOException {
        answering("Tensor", a -> Value.list(found(0.3f, 0.6f, 0.2f)));

        List<Detection> sure = detect("handler: {threshold: 0.3, labels: names.json}", png(5, 4));

        assertThat(sure)
                .containsExactly(
                        new Detection(0, "cat", 0.3f, new Detection.Box(0, 1, 2, 3)),
                        new Detection(1, "dog", 0.6f, new Detection.Box(4, 5, 6, 7)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    top_k: 0              | handler.top_k is 0, expected a whole number from 1
                    topK: five            | handler.top_k is five, expected a whole number from 1
                    top_k: 2.0            | handler.top_k is 2.0, expected a whole number from 1
                    top_k:                | handler.top_k is null, expected a whole number from 1
                    top_k: 1, topk: 2     | handler has top_k and topk, expected one of them
                    threshold: 1.5        | handler.threshold is 1.5, expected a number from 0 to 1
                    threshold: .nan       | handler.threshold is NaN, expected a number from 0 to 1
                    resize: 0             | handler.resize is 0, expected a whole number from 1 to 10000
                    crop: 10001           | handler.crop is 10001, expected a whole number from 1 to 10000
                    crop: [224, 224]      | handler.crop is [224, 224], expected a whole number from 1 to 10000
                    mean: 0.5             | handler.mean is 0.5, expected three numbers, for red, green and blue
                    mean: [1, 2]          | handler.mean is [1, 2], expected three numbers, for red, green and blue
                    std: [1, 0, 1]        | handler.std is [1.0, 0.0, 1.0], expected three numbers other than 0, for red, green and blue
                    interpolation: cubic  | handler.interpolation is cubic, expected one of [nearest, box, bilinear, hamming, bicubic, lanczos]
                    max_pixels: -1        | handler.max_pixels is -1, expected a whole number from 1
                    labels: 3             | handler.labels is 3, expected the name of a file in the archive
                    """)
    void open_aWrongOption_namesItAndWhatIsExpected(String yaml, String message) throws IOException {
        try (ModelArchive archive = archive("image_classifier", "handler: {" + yaml + "}")) {
            assertThatThrownBy(() -> Predictor.open(archive))
                    .isInstanceOf(ModelLoadException.class)
                    .hasMessage("m.mar: model-config.yaml: " + message);
        }
    }

    @Test
    void open_anOptionOfAnotherHandler_isRefused() throws IOException {
        try (ModelArchive archive = archive("object_detector", "handler: {crop: 100}")) {
            assertThatThrownBy(() -> Predictor.open(archive))
                    .isInstanceOf(ModelLoadException.class)
                    .hasMessage(
                            "m.mar: model-config.yaml: handler.crop is no option of object_detector, expected one of"
                                    + " [threshold, labels, max_pixels]");
        }
    }

    @Test
    void open_aHandlerSectionThatIsNone_isRefused() throws IOException {
        try (ModelArchive archive = archive("image_segmenter", "handler: fast")) {
            assertThatThrownBy(() -> Predictor.open(archive))
                    .isInstanceOf(ModelLoadException.class)
                    .hasMessage("m.mar: model-config.yaml: handler is fast, expected options and their values");
        }
    }

    @Test
    void open_settingsForOthers_areLeftToThem() throws IOException {
        answering("Tensor", a -> Tensor.of(new float[] {1}, 1, 1));

        assertThat(answer("image_classifier", "handler: {profile: true, model_path: x, 3: 4}", png(1, 1)))
                .isEqualTo("{\n  \"0\": 1.0\n}");
    }

    @Test
    void open_labelsThatAreNotThere_saysWhatIs() throws IOException {
        try (ModelArchive archive = archive("image_classifier", "handler: {labels: classes.json}")) {
            assertThatThrownBy(() -> Predictor.open(archive))
                    .isInstanceOf(ModelLoadException.class)
                    .hasMessage("m.mar: the labels are to be in 'classes.json', expected one of the archive's files"
                            + " [MAR-INF/MANIFEST.json, model-config.yaml, model.pt, names.json]");
        }
    }

    @Test
    void options_inCode_refuseNonsense() throws IOException {
        try (ModelArchive archive = archive("image_segmenter", "{}")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> ImageSegmenter.of(
                            archive, ImageOptions.builder().crop(0).build()))
                    .withMessage("crop is 0, expected a whole number from 1 to 10000");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> ImageSegmenter.of(
                            archive,
                            ImageOptions.builder().mean(Float.NaN, 0, 0).build()))
                    .withMessageStartingWith("mean is [NaN, 0.0, 0.0]");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> ImageSegmenter.of(
                            archive,
                            ImageOptions.builder()
                                    .interpolation(Interpolation.BOX)
                                    .topK(3)
                                    .build()))
                    .withMessageStartingWith("top_k is no option of image_segmenter");
        }
    }

    // ---- requests ----

    @ParameterizedTest
    @ValueSource(strings = {"image_classifier", "image_segmenter", "object_detector"})
    void predict_moreThanMaxPixels_isRefused(String handler) throws IOException {
        answering("Tensor", a -> Tensor.of(new float[] {1}, 1, 1));
        assertThatThrownBy(() -> answer(handler, "handler: {max_pixels: 5000}", png(100, 51)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("m.mar: the image has 100 x 51 pixels, more than the limit of 5000");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    image_classifier | Tensor       | tensor float32 [1, 3, 1, 2]
                    image_segmenter  | Tensor       | tensor float32 [1, 3, 1, 2]
                    object_detector  | Tensor       | tensor float32 [1, 3, 1, 2]
                    object_detector  | List[Tensor] | list [tensor float32 [3, 1, 2]]
                    """)
    void predict_nestedNumbersAndTruthValues_reachTheModelAsTheyAre(String handler, String type, String input)
            throws IOException {
        List<String> inputs = new ArrayList<>();
        List<Float> numbers = new ArrayList<>();
        answering(type, a -> {
            Value given = a.get(0);
            inputs.add(given.toString());
            Tensor image = given instanceof Tensor batch
                    ? batch
                    : given.asList().get(0).asTensor();
            numbers.clear();
            for (float number : image.toFloatArray()) {
                numbers.add(number);
            }
            return switch (handler) {
                case "object_detector" -> Value.list(found());
                case "image_segmenter" -> Value.dict(Map.of("out", Tensor.of(new float[] {1}, 1, 1, 1, 1)));
                default -> Tensor.of(new float[] {1}, 1, 1);
            };
        });

        answer(handler, "{}", " [[[0.5, 2]], [[true, false]], [[-1, 1e3]]]".getBytes(StandardCharsets.UTF_8));

        assertThat(inputs).last().isEqualTo(input);
        assertThat(numbers).containsExactly(0.5f, 2f, 1f, 0f, -1f, 1000f);
    }

    @Test
    void open_whatAnEngineThrowsAtTheExample_isNotSaidOfTheHandler() {
        answering("Tensor", a -> {
            throw new IllegalStateException("the engine is at fault");
        });
        assertThatThrownBy(() -> answer("image_classifier", "{}", png(1, 1))).hasMessage("the engine is at fault");
    }

    @Test
    void open_withALimitBelowTheExamplesSize_opensWithoutTryingTheModel() throws IOException {
        List<Value> calls = new ArrayList<>();
        answering("Tensor", a -> {
            calls.add(a.get(0));
            return Tensor.of(new float[] {1}, 1, 1);
        });

        assertThat(answer("image_classifier", "handler: {max_pixels: 100}", png(10, 10)))
                .isEqualTo("{\n  \"0\": 1.0\n}");
        assertThat(calls).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"image_classifier", "image_segmenter", "object_detector"})
    void predict_whatIsNoImage_isRefused(String handler) throws IOException {
        answering("Tensor", a -> Tensor.of(new float[] {1}, 1, 1));
        assertThatThrownBy(() -> answer(handler, "{}", "a cat".getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("m.mar: not a JPEG or PNG image: it starts with 'a cat' (5 bytes)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"image_classifier", "image_segmenter", "object_detector"})
    void open_aPythonFileNamedLikeABuiltInHandler_meansThatFile(String handler) throws IOException {
        Path path = TestArchives.write(
                folder.resolve("own.mar"),
                TestArchives.manifest("own", handler, "\"serializedFile\": \"model.pt\""),
                Map.of("model.pt", "answering", handler + ".py", "class Mine: pass"));
        try (ModelArchive archive = ModelArchive.open(path)) {
            assertThatThrownBy(() -> Predictor.open(archive))
                    .isInstanceOf(ModelLoadException.class)
                    .hasMessageStartingWith("own.mar: its handler '" + handler + ".py' is a Python file");
        }
    }

    // ---- models ----

    @Test
    void detector_aModelThatTakesABatch_getsOne() throws IOException {
        List<String> inputs = new ArrayList<>();
        answering("Tensor", a -> {
            inputs.add(a.get(0).toString());
            return Value.list(found());
        });

        assertThat(detect("{}", png(5, 4))).isEmpty();
        assertThat(inputs).containsExactly("tensor float32 [1, 3, 4, 5]");
    }

    @Test
    void detector_aModelThatTakesAList_getsOne_andItsLossesAreSkipped() throws IOException {
        List<String> inputs = new ArrayList<>();
        answering("List[Tensor]", a -> {
            inputs.add(a.get(0).toString());
            return Value.tuple(Value.dict(Map.of()), Value.list(found(0.9f)));
        });

        assertThat(detect("{}", png(5, 4))).hasSize(1);
        assertThat(inputs).containsExactly("list [tensor float32 [3, 4, 5]]");
    }

    @Test
    void detector_oneAfterTheOther_eachImageIsSeen() throws IOException {
        answering("List[Tensor]", a -> {
            Tensor image = a.get(0).asList().get(0).asTensor();
            return Value.list(found(image.shape()[2] / 10f));
        });
        try (ModelArchive archive = archive("object_detector", "{}");
                Predictor<byte[], List<Detection>> predictor = Predictor.open(archive, ObjectDetector.of(archive))) {
            for (int width : new int[] {6, 6, 9, 6}) {
                assertThat(predictor.predict(png(width, 4)).get(0).score()).isEqualTo(width / 10f);
            }
        }
    }

    @Test
    void detector_aModelThatAnswersSomethingElse_saysWhatIsExpected() throws IOException {
        answering("Tensor", a -> Value.list(Value.dict(Map.of("boxes", Tensor.of(new float[4], 4)))));
        assertThatThrownBy(() -> detect("{}", png(2, 2)))
                .isInstanceOf(ModelExecutionException.class)
                .hasMessage(
                        "m.mar: the model answered for an image with list [dict {str 'boxes'=tensor float32 [4]}], expected"
                                + " a list of one dict with tensors 'boxes' [n, 4], 'labels' [n] and 'scores' [n]");
    }

    @Test
    void segmenter_ofEquallyLikelyClasses_theFirstWins() throws IOException {
        answering(
                "Tensor",
                a -> Value.dict(Map.of("out", Tensor.of(new float[] {0, 5, Float.NaN, 0, 6, 1}, 1, 2, 1, 3))));

        assertThat(answer("image_segmenter", "{}", png(2, 2))).isEqualTo("""
                [
                  [
                    [
                      0.0,
                      0.5
                    ],
                    [
                      1.0,
                      0.7310585975646973
                    ],
                    [
                      0.0,
                      NaN
                    ]
                  ]
                ]""");
    }

    @ParameterizedTest
    @ValueSource(strings = {"image_segmenter", "image_classifier"})
    void predict_anOutputOfTheWrongRank_saysWhatIsExpected(String handler) throws IOException {
        answering("Tensor", a -> {
            Tensor wrong = Tensor.of(new float[4], 1, 2, 2);
            return handler.equals("image_segmenter") ? Value.dict(Map.of("out", wrong)) : wrong;
        });
        assertThatThrownBy(() -> answer(handler, "{}", png(2, 2)))
                .isInstanceOf(ModelExecutionException.class)
                .hasMessageStartingWith("m.mar: the model answered for an image with ")
                .hasMessageContaining("tensor float32 [2, 2]")
                .hasMessageContaining(", expected a ");
    }

    @Test
    void classifier_aClassWithoutAName_isTheArchivesFault() throws IOException {
        answering("Tensor", a -> Tensor.of(new float[] {1, 2, 3, 4}, 1, 4));
        assertThatThrownBy(() -> answer("image_classifier", "handler: {labels: names.json}", png(2, 2)))
                .isInstanceOf(ModelExecutionException.class)
                .hasMessage("m.mar: names.json has 3 names, but none for class 3 of the model");
    }
}
