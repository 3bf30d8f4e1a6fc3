package dev.cresset.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.cresset.Batching;
import dev.cresset.EngineUnavailableException;
import dev.cresset.Model;
import dev.cresset.ModelLoadException;
import dev.cresset.ModelOptions;
import dev.cresset.Plan;
import dev.cresset.Predictor;
import dev.cresset.engine.Optimization;
import dev.cresset.engine.Precision;
import dev.cresset.handler.TensorHandler;
import dev.cresset.mar.ModelArchive;
import dev.cresset.registry.ModelRegistry;
import dev.cresset.registry.Prediction;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Where a user meets ONNX: wherever a model of PyTorch's can be given, and beside one. */
class ServingTest {

    private static final Path MLP = Fixtures.onnx("mlp-16-32-32-4.onnx");

    @Test
    void forward_ofTheSameNetwork_answersWhatItsTorchScriptAnswers() throws IOException {
        try (Model torch = Model.open(Fixtures.path("risk/mlp-16-32-32-4.pt"));
                Model onnx = Model.open(MLP);
                Tensor rows = Tensor.of(ramp(48), 3, 16);
                Value expected = torch.forward(rows);
                Value found = onnx.forward(rows)) {
            float[] wanted = expected.asTensor().toFloatArray();
            float[] scores = found.asTensor().toFloatArray();
            assertThat(found.asTensor().shape()).containsExactly(3, 4);
            for (int i = 0; i < wanted.length; i++) {
                assertThat(scores[i]).isCloseTo(wanted[i], within(1e-5f));
            }
        }
    }

    @Test
    void plan_saysThatThereIsOneWay() throws IOException {
        try (Model model = Model.open(MLP)) {
            assertThat(model.plan().origin()).isEqualTo(Plan.Origin.NOT_TUNED);
            assertThat(model.plan()).hasToString("AS_IS (the engine has no other way)");
            assertThat(model.signature()).hasToString("forward(rows: Tensor[batch, 16] (float32)) -> Tensor");
        }
    }

    @Test
    void imageClassifier_answersWhatItsTorchScriptAnswers() throws IOException {
        try (ModelArchive scripted = ModelArchive.open(Fixtures.path("pt2/classifier-pt.mar"));
                ModelArchive saved = ModelArchive.open(Fixtures.onnx("classifier.mar"));
                Predictor<byte[], String> expected = Predictor.open(scripted);
                Predictor<byte[], String> predictor = Predictor.open(saved);
                Stream<Path> images = Files.list(Fixtures.path("digits/images"))) {
            for (Path image : images.sorted().limit(8).toList()) {
                JsonNode wanted = JsonMapper.shared().readTree(expected.predict(Files.readAllBytes(image)));
                JsonNode found = JsonMapper.shared().readTree(predictor.predict(Files.readAllBytes(image)));

                assertThat(found.propertyNames()).containsExactlyElementsOf(wanted.propertyNames());
                wanted.forEachEntry((name, probability) ->
                        assertThat(found.get(name).asDouble()).isCloseTo(probability.asDouble(), within(1e-5)));
            }
        }
    }

    @Test
    void predict_ofManyCallers_joinsRequests() throws IOException {
        try (Predictor<float[], float[]> predictor = Predictor.builder(MLP, TensorHandler.ofFloats(16))
                        .batching(Batching.upTo(64))
                        .open();
                Model model = Model.open(MLP)) {
            List<CompletableFuture<float[]>> answers = new ArrayList<>();
            for (int i = 0; i < 500; i++) {
                answers.add(predictor.predictAsync(row(i)));
            }
            for (int i = 0; i < 500; i++) {
                try (Tensor alone = Tensor.of(row(i), 1, 16);
                        Value scores = model.forward(alone)) {
                    assertThat(answers.get(i).join())
                            .usingComparatorWithPrecision(1e-5f)
                            .containsExactly(scores.asTensor().toFloatArray());
                }
            }
            assertThat(predictor.metrics().batches()).isBetween(1L, 499L);
        }
    }

    @Test
    void registry_updatesFromTorchScriptToOnnx() throws IOException {
        try (ModelRegistry<byte[], String> registry = ModelRegistry.open();
                Stream<Path> images = Files.list(Fixtures.path("digits/images"))) {
            byte[] image = Files.readAllBytes(images.sorted().findFirst().orElseThrow());
            registry.register(Fixtures.path("pt2/classifier-pt.mar"));
            Prediction<String> before = registry.predict("classifier-pt", image);
            registry.update(Fixtures.onnx("classifier.mar"));
            Prediction<String> after = registry.predict("classifier-pt", image);

            assertThat(after.version()).isNotEqualTo(before.version());
            assertThat(JsonMapper.shared().readTree(after.value()).propertyNames())
                    .containsExactlyElementsOf(
                            JsonMapper.shared().readTree(before.value()).propertyNames());
        }
    }

    @Test
    void engine_ofAnotherFormat_isRefusedByNameAndPassedOverAsAProperty() throws IOException {
        ModelOptions torch = ModelOptions.builder().engine("torch").build();
        assertThatThrownBy(() -> Model.open(MLP, torch))
                .isInstanceOf(EngineUnavailableException.class)
                .hasMessage("engine 'torch' does not open an ONNX model, [onnx] does");
        System.setProperty("cresset.engine", "torch");
        try (Model model = Model.open(MLP)) {
            assertThat(model.signature().methods()).containsKey("forward");
        } finally {
            System.clearProperty("cresset.engine");
        }
    }

    @Test
    void options_thatThisEngineDoesNotHave_areRefused() {
        assertThatThrownBy(() -> Model.open(
                        MLP,
                        ModelOptions.builder().precision(Precision.BFLOAT16).build()))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContainingAll("mlp-16-32-32-4.onnx", "numbers that a model was saved with");
        assertThatThrownBy(() -> Model.open(
                        MLP,
                        ModelOptions.builder().optimization(Optimization.DIRECT).build()))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContainingAll("engine 'onnx'", "DIRECT", "AS_IS");
    }

    private static float[] row(int seed) {
        float[] row = ramp(16);
        row[seed % 16] += seed;
        return row;
    }

    private static float[] ramp(int length) {
        float[] ramp = new float[length];
        for (int i = 0; i < length; i++) {
            ramp[i] = (i % 7) / 7f - 0.5f;
        }
        return ramp;
    }
}
