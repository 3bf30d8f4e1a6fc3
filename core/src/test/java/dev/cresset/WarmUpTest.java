package dev.cresset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cresset.engine.EngineException;
import dev.cresset.engine.FakeModule;
import dev.cresset.engine.FakeModules;
import dev.cresset.engine.OpenThings;
import dev.cresset.mar.ModelArchive;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Samples, in code and in the archive: answered and checked before the predictor is handed out; forward is 2x + 1. */
@ExtendWith(OpenThings.class)
class WarmUpTest {

    private static final String FILES = "[1.json, MAR-INF/MANIFEST.json, four.json, many.json, manyAnswers.json,"
            + " model-config.yaml, model.pt, odd.txt, three.json]";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private @Nullable ModelArchive archive;

    /** Floats in, floats out; counts what it answered. */
    private static final class Floats implements Handler<float[], float[]> {
        private final List<Float> answered = new ArrayList<>();

        @Override
        public Answer<float[]> preprocess(float[] request, Inputs inputs) {
            if (request.length == 0) {
                throw new InvalidInputException("a row of no numbers");
            }
            inputs.tensor(DataType.FLOAT32, request.length).asFloatBuffer().put(request);
            return output -> postprocess(request, output);
        }

        float[] postprocess(float[] request, Value output) throws Exception {
            answered.add(request[0]);
            return postprocess(output);
        }

        float[] postprocess(Value output) {
            return output.asTensor().toFloatArray();
        }
    }

    private Predictor.Builder<float[], float[]> inCode(Handler<float[], float[]> handler) throws IOException {
        archive = ModelArchive.open(TestArchives.fake(folder, "m", "contract", "none"));
        return Predictor.builder(archive, handler);
    }

    /** Opens an archive with settings and files: 1.json asks for 1, so the answer is 3. */
    private Predictor<byte[], String> inArchive(String settings) throws IOException {
        try (ModelArchive archive = archive("contract", settings)) {
            return Predictor.open(archive);
        }
    }

    private ModelArchive archive(String module, String settings) throws IOException {
        Map<String, String> files = new HashMap<>(Map.of(
                "model.pt", module,
                "model-config.yaml", settings,
                "1.json", "[1.0]",
                "three.json", "[3.0005]",
                "four.json", "[4]",
                "many.json", "{\"instances\": [[1.0], [2.0]]}",
                "manyAnswers.json", "{\"predictions\": [[3.0], [5.0]]}"));
        files.put("odd.txt", "not at all");
        return ModelArchive.open(TestArchives.write(
                folder.resolve("m.mar"),
                TestArchives.manifest(
                        "m", "base_handler", "\"serializedFile\": \"model.pt\", \"configFile\": \"model-config.yaml\""),
                files));
    }

    @AfterEach
    void nothingIsLeftOpen() {
        if (archive != null) {
            archive.close();
        }
        assertThat(OpenThings.count("model")).isZero();
    }

    @Test
    void open_samplesInCode_areAnsweredInOrderBeforeThePredictorIsThere() throws IOException {
        Floats handler = new Floats();
        try (Predictor<float[], float[]> predictor = inCode(handler)
                .warmUp(new float[] {1})
                .warmUp(new float[] {2}, answer -> answer[0] == 5)
                .warmUp(new float[] {3})
                .open()) {
            assertThat(handler.answered).containsExactly(1f, 2f, 3f);
            assertThat(predictor).isNotNull();
        }
    }

    @Test
    void open_anAnswerThatItsCheckRefuses_namesTheSampleAndTheAnswer() {
        assertThatThrownBy(() -> inCode(new Floats())
                        .warmUp(new float[] {1})
                        .warmUp(new float[] {2}, answer -> answer[0] == 6)
                        .open())
                .isInstanceOf(ModelLoadException.class)
                .hasMessage("m.mar: the answer to warm-up sample 2 of 2 is [5.0], which its check refuses; correct the"
                        + " sample or the model");
    }

    @Test
    void open_aCheckThatThrows_isTold() {
        assertThatThrownBy(() -> inCode(new Floats())
                        .warmUp(new float[] {2}, answer -> {
                            assertThat(answer[0]).isEqualTo(6);
                            return true;
                        })
                        .open())
                .isInstanceOf(ModelLoadException.class)
                .hasMessageStartingWith(
                        "m.mar: the answer to warm-up sample 1 of 1 is [5.0], for which its check throws")
                .hasMessageContaining("6.0")
                .hasCauseInstanceOf(AssertionError.class);
    }

    @Test
    void open_aSampleThatIsNoRequest_isNamed() {
        assertThatThrownBy(() -> inCode(new Floats())
                        .warmUp(new float[] {1})
                        .warmUp(new float[0])
                        .open())
                .isInstanceOf(ModelLoadException.class)
                .hasMessage("m.mar: warm-up sample 2 of 2 has no answer: a row of no numbers; correct the sample or the"
                        + " model")
                .hasCauseInstanceOf(InvalidInputException.class);
    }

    @Test
    void open_aFirstSampleThatIsNoRequest_isNamedAsWell_thoughTuningMeetsItFirst() {
        assertThatThrownBy(() -> inCode(new Floats()).warmUp(new float[0]).open())
                .isInstanceOf(ModelLoadException.class)
                .hasMessage("m.mar: warm-up sample 1 of 1 has no answer: a row of no numbers; correct the sample or the"
                        + " model");
    }

    @Test
    void open_aModelThatFailsOnASample_saysWhatFailed() throws IOException {
        FakeModules.put(
                "warm-fails",
                () -> new FakeModule().method("forward", "x: Tensor", "Tensor", a -> {
                    throw new EngineException(EngineException.Kind.EXECUTION, "ValueError: cold");
                }));
        try (ModelArchive archive = archive("warm-fails", "warmUp: [{input: 1.json}]")) {
            assertThatThrownBy(() -> Predictor.open(archive))
                    .isInstanceOf(ModelLoadException.class)
                    .hasMessageStartingWith(
                            "m.mar: warm-up sample 1 of 1 ('1.json') has no answer: forward failed: ValueError: cold")
                    .hasCauseInstanceOf(ModelExecutionException.class);
        }
    }

    @Test
    void open_anExampleOrElseTheFirstSample_isWhatTheModelIsTunedWith() throws IOException {
        try (Predictor<float[], float[]> sampled =
                        inCode(new Floats()).warmUp(new float[] {1}).open();
                Predictor<float[], float[]> without = inCode(new Floats()).open()) {
            assertThat(sampled.plan().origin()).isNotEqualTo(Plan.Origin.NOT_TUNED);
            assertThat(without.plan().origin()).isEqualTo(Plan.Origin.NOT_TUNED);
        }
    }

    @Test
    void open_anArchivesSample_isWhatTheModelIsTunedWith() throws IOException {
        try (Predictor<byte[], String> sampled = inArchive("warmUp: [{input: 1.json}]");
                Predictor<byte[], String> without = inArchive("batchSize: 1")) {
            assertThat(sampled.plan().origin()).isNotEqualTo(Plan.Origin.NOT_TUNED);
            assertThat(without.plan().origin()).isEqualTo(Plan.Origin.NOT_TUNED);
        }
    }

    @Test
    void open_anArchivesSamples_areAnsweredBeforeThoseInCode() throws IOException {
        List<Float> asked = Collections.synchronizedList(new ArrayList<>());
        FakeModules.put(
                "warm-seen",
                () -> new FakeModule().method("forward", "x: Tensor", "Tensor", a -> {
                    asked.add(a.get(0).asTensor().toFloatArray()[0]);
                    return Tensor.of(new float[] {3}, 1, 1);
                }));
        try (ModelArchive archive = archive("warm-seen", "warmUp: [{input: 1.json, expected: three.json}]");
                Predictor<byte[], String> predictor = Predictor.builder(archive)
                        .warmUp("[2.0]".getBytes(StandardCharsets.UTF_8), "[\n  3.0\n]"::equals)
                        .open()) {
            assertThat(predictor).isNotNull();
            assertThat(asked).endsWith(1f, 2f);
        }
    }

    @Test
    void open_anAnswerOtherThanTheArchiveExpects_namesFilesAndDifference() {
        assertThatThrownBy(() -> inArchive("""
                        warmUp:
                          - input: 1.json
                          - input: 1.json
                            expected: four.json
                        """))
                .isInstanceOf(ModelLoadException.class)
                .hasMessage("m.mar: the answer to warm-up sample 2 of 2 ('1.json') is not that of 'four.json': there is"
                        + " 3.0 at /0, expected 4 within 0.001; correct the archive, or open it with"
                        + " Predictor.Builder.withoutArchiveSamples");
    }

    @Test
    void open_theTolerance_isTheArchives() throws IOException {
        try (Predictor<byte[], String> predictor =
                inArchive("warmUp: [{input: 1.json, expected: four.json, tolerance: 0.25}]")) {
            assertThat(predictor).isNotNull();
        }
        assertThatThrownBy(() -> inArchive("warmUp: [{input: 1.json, expected: three.json, tolerance: 0}]"))
                .hasMessageContaining("there is 3.0 at /0, expected 3.0005 within 0.0");
    }

    @Test
    void open_anArchiveWithAnEnvelope_hasRequestsOfItsForm() throws IOException {
        try (Predictor<byte[], String> predictor =
                inArchive("service_envelope: json\nwarmUp: [{input: many.json, expected: manyAnswers.json}]")) {
            assertThat(predictor.plan().origin()).isNotEqualTo(Plan.Origin.NOT_TUNED);
        }
        assertThatThrownBy(() -> inArchive("service_envelope: json\nwarmUp: [{input: odd.txt}]"))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageStartingWith("m.mar: warm-up sample 1 of 1 ('odd.txt') has no answer: ");
    }

    @Test
    void open_withoutArchiveSamples_leavesThemOut() throws IOException {
        try (ModelArchive archive = archive("contract", "warmUp: [{input: 1.json, expected: four.json}]");
                Predictor<byte[], String> predictor =
                        Predictor.builder(archive).withoutArchiveSamples().open()) {
            assertThat(predictor).isNotNull();
        }
    }

    @Test
    void open_withAHandlerOfTheCallers_leavesTheArchivesSamplesOut() throws IOException {
        try (ModelArchive archive = archive("contract", "warmUp: [{input: odd.txt}]");
                Predictor<float[], float[]> predictor = Predictor.open(archive, new Floats())) {
            assertThat(predictor.plan().origin()).isEqualTo(Plan.Origin.NOT_TUNED);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "warmUp:              | warmUp is missing, expected a list of samples, each with an 'input'",
                "warmUp: true         | warmUp is true, expected a list of samples, each with an 'input'",
                "warmUp: [1.json]     | warmUp[0] is '1.json', expected an 'input', and beside it at most 'expected' and"
                        + " 'tolerance'",
                "warmUp: [{input: 1.json, expect: four.json}] | warmUp[0] is {input=1.json, expect=four.json}, expected an"
                        + " 'input', and beside it at most 'expected' and 'tolerance'",
                "warmUp: [{expected: four.json}] | warmUp[0].input is missing, expected one of the archive's files "
                        + FILES,
                "warmUp: [{input: 1.json}, {input: 2.json}] | warmUp[1].input is '2.json', expected one of the archive's"
                        + " files " + FILES,
                "warmUp: [{input: 1.json, expected: odd.txt}] | warmUp[0].expected is 'odd.txt', which is not JSON;"
                        + " expected the answer's JSON",
                "warmUp: [{input: 1.json, expected: four.json, tolerance: -1}] | warmUp[0].tolerance is -1, expected a"
                        + " number from 0",
                "warmUp: [{input: 1.json, expected: four.json, tolerance: .nan}] | warmUp[0].tolerance is NaN, expected a"
                        + " number from 0",
                "warmUp: [{input: 1.json, expected: four.json, tolerance: much}] | warmUp[0].tolerance is 'much', expected"
                        + " a number from 0",
                "warmUp: [{input: 1.json, tolerance: 0.1}] | warmUp[0].tolerance is 0.1, expected none without 'expected'",
            })
    void open_settingsThatAreWrong_areNamed(String settings, String message) {
        assertThatThrownBy(() -> inArchive(settings))
                .isInstanceOf(ModelLoadException.class)
                .message()
                .startsWith("m.mar: model-config.yaml: ")
                .satisfies(text -> assertThat(text.substring("m.mar: model-config.yaml: ".length()))
                        .isEqualTo(message));
    }

    @Test
    void open_moreSamplesThanAThousand_isRefused() {
        String sample = "{input: 1.json},";
        assertThatThrownBy(() -> inArchive("warmUp: [" + sample.repeat(1001) + "]"))
                .isInstanceOf(ModelLoadException.class)
                .hasMessage("m.mar: model-config.yaml: warmUp has 1001 samples, expected at most 1000");
    }
}
