package dev.cresset.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.cresset.Answer;
import dev.cresset.Batching;
import dev.cresset.Handler;
import dev.cresset.Inputs;
import dev.cresset.InvalidInputException;
import dev.cresset.Model;
import dev.cresset.ModelOptions;
import dev.cresset.Predictor;
import dev.cresset.handler.TensorHandler;
import dev.cresset.mar.ModelArchive;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.TensorSpec;
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The risk model scores every held-back row as PyTorch does, by each way in. */
class RiskScoresTest {

    private static final float TOLERANCE = 1e-5f;

    private static ModelArchive archive() throws IOException {
        return ModelArchive.open(TorchContractTest.fixture("risk/risk.mar"));
    }

    private static float[] expected() {
        JsonNode scores = new JsonMapper()
                .readTree(TorchContractTest.fixture("risk/expected.json"))
                .get("scores");
        float[] expected = new float[scores.size()];
        for (int i = 0; i < expected.length; i++) {
            expected[i] = (float) scores.get(i).asDouble();
        }
        assertThat(expected).hasSizeGreaterThan(100);
        return expected;
    }

    /** The table's features, without the last column, which is the truth. */
    private static List<float[]> rows() throws IOException {
        List<float[]> rows = new ArrayList<>();
        List<String> lines = Files.readAllLines(TorchContractTest.fixture("risk/heldback.csv"));
        for (String line : lines.subList(1, lines.size())) {
            String[] cells = line.split(",", -1);
            float[] row = new float[cells.length - 1];
            for (int i = 0; i < row.length; i++) {
                row[i] = Float.parseFloat(cells[i]);
            }
            rows.add(row);
        }
        return rows;
    }

    /** Whoever had the row before: what a handler leaves out is zero. */
    @Test
    void predict_aShortRowAfterFullOnes_scoresAsFilledUpWithZeros() throws IOException {
        List<float[]> rows = rows();
        int width = rows.get(0).length;
        Handler<float[], float[]> handler = new Handler<>() {
            @Override
            public Answer<float[]> preprocess(float[] row, Inputs inputs) {
                inputs.tensor(DataType.FLOAT32, width).asFloatBuffer().put(row);
                return output -> output.asTensor().toFloatArray();
            }
        };
        float[] first = Arrays.copyOf(rows.get(0), 8);
        for (int batch : new int[] {1, 16}) {
            try (ModelArchive archive = archive();
                    Predictor<float[], float[]> predictor = Predictor.builder(archive, handler)
                            .batching(Batching.upTo(batch))
                            .open()) {
                float[] right = predictor.predict(Arrays.copyOf(first, width));
                predictor.predictAll(rows);
                assertThat(predictor.predict(first)).containsExactly(right, within(TOLERANCE));
                predictor.predictAll(rows);
                assertThat(predictor.predictAll(Collections.nCopies(20, first)))
                        .allSatisfy(score -> assertThat(score).containsExactly(right, within(TOLERANCE)));
            }
        }
    }

    @Test
    void forward_allRowsAtOnce() throws IOException {
        List<float[]> rows = rows();
        int width = rows.get(0).length;
        try (ModelArchive archive = archive();
                Model model = Model.open(archive);
                Tensor table = Tensor.allocate(DataType.FLOAT32, rows.size(), width)) {
            for (int i = 0; i < rows.size(); i++) {
                table.asFloatBuffer().put(i * width, rows.get(i));
            }
            try (Value scores = model.forward(table)) {
                assertThat(scores.asTensor().toFloatArray()).containsExactly(expected(), within(TOLERANCE));
            }
        }
    }

    @Test
    void predict_rowByRow() throws IOException {
        float[] expected = expected();
        List<float[]> rows = rows();
        try (ModelArchive archive = archive();
                Predictor<float[], float[]> predictor = Predictor.open(archive, TensorHandler.ofFloats())) {
            for (int i = 0; i < rows.size(); i++) {
                assertThat(predictor.predict(rows.get(i)))
                        .containsExactly(new float[] {expected[i]}, within(TOLERANCE));
            }
        }
    }

    @Test
    void predict_tensors_theAnswerOutlivesThePredictor() throws IOException {
        Tensor score;
        try (ModelArchive archive = archive();
                Predictor<Tensor, Tensor> predictor = Predictor.open(archive, TensorHandler.of());
                Tensor row = Tensor.of(rows().get(0), 30)) {
            score = predictor.predict(row);
        }
        try (score) {
            assertThat(score.shape()).isEmpty();
            assertThat(score.toFloatArray()).containsExactly(new float[] {expected()[0]}, within(TOLERANCE));
        }
    }

    @Test
    void predict_jsonByTheArchivesOwnHandler() throws IOException {
        String row = new JsonMapper().writeValueAsString(rows().get(0));
        try (ModelArchive archive = archive();
                Predictor<byte[], String> predictor = Predictor.open(archive)) {
            String answer = predictor.predict(row.getBytes(StandardCharsets.UTF_8));
            assertThat(Float.parseFloat(answer)).isCloseTo(expected()[0], within(TOLERANCE));
            assertThatThrownBy(() -> predictor.predict("risky".getBytes(StandardCharsets.UTF_8)))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessage(
                            "risk.mar: the request is not JSON (line 1, column 1), expected a nested array of numbers");
            assertThatThrownBy(() -> predictor.predict("[[1, 2], [3]]".getBytes(StandardCharsets.UTF_8)))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("differ in length");
            assertThatThrownBy(() -> predictor.predict("[\"a\"]".getBytes(StandardCharsets.UTF_8)))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("STRING where a number is expected");
            assertThat(predictor.predict(row.getBytes(StandardCharsets.UTF_8))).isEqualTo(answer);
        }
    }

    @Test
    void predict_declaredInputs_areHeldWithASentence() throws IOException {
        ModelOptions options = ModelOptions.builder()
                .inputs(TensorSpec.of(DataType.FLOAT32, TensorSpec.ANY, 30))
                .build();
        try (ModelArchive archive = archive();
                Predictor<float[], float[]> predictor = Predictor.builder(archive, TensorHandler.ofFloats())
                        .modelOptions(options)
                        .open()) {
            assertThatThrownBy(() -> predictor.predict(new float[29]))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageStartingWith("risk.mar: input '")
                    .hasMessageEndingWith("has shape [1, 29] (float32), expected [any, 30] (float32)");
            assertThat(predictor.predict(new float[30])).hasSize(1);
        }
    }
}
