package dev.cresset.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.cresset.Batching;
import dev.cresset.Model;
import dev.cresset.ModelLoadException;
import dev.cresset.ModelOptions;
import dev.cresset.Plan;
import dev.cresset.Predictor;
import dev.cresset.handler.TensorHandler;
import dev.cresset.mar.ModelArchive;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Signature;
import dev.cresset.tensor.Size;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import dev.cresset.tensor.ValueSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Where a user meets programs of {@code torch.export}: wherever TorchScript can be given. */
class Pt2ServingTest {

    private static final ModelOptions TORCH =
            ModelOptions.builder().engine("torch").build();

    private static final JsonMapper JSON = new JsonMapper();

    @Test
    void open_ofAnExportedProgram_isTunedWithoutBeingToldAnything() throws IOException {
        List<Plan.Candidate> tried = new ArrayList<>();
        ModelOptions options = TORCH.toBuilder().tuningListener(tried::add).build();

        try (Model model = Model.open(Pt2Fixtures.path("cnn.default.pt2"), options)) {
            assertThat(model.plan().origin()).isNotEqualTo(Plan.Origin.NOT_TUNED);
            assertThat(tried).isNotEmpty();
        }
    }

    @Test
    void signature_ofAnExportedProgram_saysNamesTypesAndSizes() throws IOException {
        try (Model model = Model.open(Pt2Fixtures.path("mlp.default.pt2"), TORCH)) {
            Signature.Method forward =
                    Objects.requireNonNull(model.signature().methods().get("forward"));
            ValueSpec spec = forward.parameters().get(0).spec();

            assertThat(spec).isInstanceOf(ValueSpec.OfTensor.class);
            ValueSpec.OfTensor tensor = (ValueSpec.OfTensor) spec;
            assertThat(tensor.dataType()).isEqualTo(DataType.FLOAT32);
            assertThat(tensor.sizes().get(0).max()).isEqualTo(64);
            assertThat(tensor.sizes().get(0).example()).isEqualTo(2);
            assertThat(tensor.sizes().get(1)).isEqualTo(Size.fixed(16));
            assertThat(model.signature().toString()).contains("forward(x: Tensor[", ", 16] (float32)) -> Tensor");
        }
    }

    @Test
    void open_ofAnArchiveWithSeveralPrograms_hasAMethodForEach() throws IOException {
        JsonNode recorded = JSON.readTree(Fixtures.path("pt2/several.json"));
        try (Model model = Model.open(Pt2Fixtures.path("several.pt2"), TORCH);
                Value x = RecordedValue.read(recorded.get("x"));
                Value up = model.invoke("up", x);
                Value down = model.invoke("down", up);
                Value expected = RecordedValue.read(recorded.get("down"))) {
            NearValue.check(down, expected, "down");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"written.default.pt2", "written.core.pt2"})
    void forward_ofAProgramThatWritesToItsInput_leavesTheCallersTensor(String program) throws IOException {
        try (Model model = Model.open(Pt2Fixtures.path(program), TORCH);
                Tensor x = Tensor.of(new float[] {1, 2, 3}, 3);
                Value result = model.forward(x)) {
            assertThat(result.asTensor().toFloatArray()).containsExactly(4, 6, 8);
            assertThat(x.toFloatArray()).containsExactly(1, 2, 3);
        }
    }

    @Test
    void imageClassifier_ofAnExportedProgram_answersWhatItsTorchScriptAnswers() throws IOException {
        try (ModelArchive scripted = ModelArchive.open(Fixtures.path("pt2/classifier-pt.mar"));
                ModelArchive exported = ModelArchive.open(Fixtures.path("pt2/classifier-pt2.mar"));
                Predictor<byte[], String> expected = Predictor.open(scripted);
                Predictor<byte[], String> predictor = Predictor.open(exported);
                Stream<Path> images = Files.list(Fixtures.path("digits/images"))) {
            for (Path image : images.sorted().limit(8).toList()) {
                JsonNode wanted = JSON.readTree(expected.predict(Files.readAllBytes(image)));
                JsonNode found = JSON.readTree(predictor.predict(Files.readAllBytes(image)));

                assertThat(found.propertyNames()).containsExactlyElementsOf(wanted.propertyNames());
                wanted.forEachEntry((name, probability) ->
                        assertThat(found.get(name).asDouble()).isCloseTo(probability.asDouble(), within(1e-5)));
            }
        }
    }

    @Test
    void predict_withADynamicBatch_joinsRequests() throws IOException {
        try (Predictor<Tensor, Tensor> predictor = predictor("mlp.default.pt2", Batching.upTo(8))) {
            List<CompletableFuture<Tensor>> answers = new ArrayList<>();
            List<Tensor> items = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                Tensor item = Tensor.allocate(DataType.FLOAT32, 16);
                items.add(item);
                answers.add(predictor.predictAsync(item));
            }
            for (CompletableFuture<Tensor> answer : answers) {
                try (Tensor row = answer.join()) {
                    assertThat(row.shape()).containsExactly(4);
                }
            }
            items.forEach(Tensor::close);
        }
    }

    @Test
    void open_withAFixedBatch_saysThatNoneGoTogether() throws IOException {
        assertThatThrownBy(() -> predictor("fixed-batch.default.pt2", Batching.upTo(8)))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContainingAll(
                        "fixed-batch.default.pt2",
                        "batches of up to 8",
                        "input 'x' was exported as 1",
                        "Batching.none()",
                        "Dim(");

        try (Predictor<Tensor, Tensor> predictor = predictor("fixed-batch.default.pt2", Batching.none());
                Tensor item = Tensor.allocate(DataType.FLOAT32, 16);
                Tensor row = predictor.predict(item)) {
            assertThat(row.shape()).containsExactly(4);
        }
    }

    @Test
    void open_withLargerBatchesThanWereExported_saysHowLargeTheyMayBe() {
        assertThatThrownBy(() -> predictor("mlp.default.pt2", Batching.upTo(65)))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContainingAll("batches of up to 65", "was exported for at most 64");
    }

    @Test
    void open_withBatchesSmallerThanWereExported_saysHowManyItemsThereMustBe() {
        assertThatThrownBy(() -> predictor("guarded.default.pt2", Batching.upTo(8)))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContainingAll(
                        "batches of up to 8", "for at least 4", "may be of one item", "Batching.none()");
    }

    @Test
    void open_withBatchesOfAnyNumberWherePairsWereExported_saysSo() {
        assertThatThrownBy(() -> predictor("halves.default.pt2", Batching.upTo(8)))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContainingAll("batches of up to 8", "was exported as 2*", "any number of items");
    }

    @Test
    void open_ofInstancesInInstances_goesWithoutTuningWhereTheirListsAreNotKnown() throws IOException {
        try (Model model = Model.open(Pt2Fixtures.path("classes.default.pt2"), TORCH)) {
            assertThat(model.plan().origin()).isEqualTo(Plan.Origin.NOT_TUNED);
        }
    }

    private static Predictor<Tensor, Tensor> predictor(String file, Batching batching) throws IOException {
        return Predictor.builder(Pt2Fixtures.path(file), TensorHandler.of())
                .modelOptions(TORCH)
                .batching(batching)
                .open();
    }
}
