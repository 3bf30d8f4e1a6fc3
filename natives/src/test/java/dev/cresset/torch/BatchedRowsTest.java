package dev.cresset.torch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.Batching;
import dev.cresset.Model;
import dev.cresset.ModelOptions;
import dev.cresset.Predictor;
import dev.cresset.handler.TensorHandler;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A caller's answer has nothing of the others that its request ran with, though the model mixes the rows of a batch. */
class BatchedRowsTest {

    private static final int ROWS = 24;

    private final List<String> said = new ArrayList<>();

    @ParameterizedTest
    @ValueSource(strings = {"centres", "sums", "sums-backwards", "ranks", "sorts", "normalises-by-its-batch"})
    void predict_modelThatMixesRows_answersAsAlone(String name) throws IOException {
        List<float[]> alone = alone(name);

        List<float[]> together = together(name);

        for (int i = 0; i < ROWS; i++) {
            assertThat(together.get(i)).as("request %d", i).containsExactly(alone.get(i));
        }
        assertThat(said).singleElement().asString().contains(name, "one by one", "in a batch, it");
    }

    @Test
    void predict_modelOfRows_staysInBatches() throws IOException {
        List<float[]> alone = alone("rows");

        List<float[]> together = together("rows");

        for (int i = 0; i < ROWS; i++) {
            float[] expected = alone.get(i);
            assertThat(together.get(i)).usingComparatorWithPrecision(1e-6f).containsExactly(expected);
        }
        assertThat(said).isEmpty();
    }

    @Test
    void predict_modelThatDrawsLots_staysInBatches() throws IOException {
        together("drops");

        assertThat(said).isEmpty();
    }

    private static float[] row(int number) {
        float[] row = new float[4];
        for (int i = 0; i < row.length; i++) {
            row[i] = (float) Math.sin(number * 5 + i * 7 + 1);
        }
        return row;
    }

    private static Path file(String name) {
        return Fixtures.path("batches/" + name + ".pt");
    }

    private static List<float[]> alone(String name) throws IOException {
        try (Model model =
                Model.open(file(name), ModelOptions.builder().engine("torch").build())) {
            List<float[]> answers = new ArrayList<>();
            for (int i = 0; i < ROWS; i++) {
                try (Tensor x = Tensor.of(row(i), 1, 4);
                        Value answer = model.forward(x)) {
                    answers.add(answer.asTensor().toFloatArray());
                }
            }
            return answers;
        }
    }

    /** No example says beforehand what comes. */
    private List<float[]> together(String name) throws IOException {
        Logger logger = Logger.getLogger("dev.cresset");
        Handler listening = new Handler() {
            @Override
            public void publish(LogRecord entry) {
                if (entry.getMessage().contains("one by one")) {
                    said.add(entry.getMessage());
                }
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        logger.addHandler(listening);
        try (Predictor<Tensor, Tensor> predictor = Predictor.builder(file(name), TensorHandler.of())
                .modelOptions(ModelOptions.builder().engine("torch").build())
                .batching(Batching.upTo(8))
                .open()) {
            List<Tensor> rows =
                    IntStream.range(0, ROWS).mapToObj(i -> Tensor.of(row(i), 4)).toList();
            List<CompletableFuture<Tensor>> futures =
                    rows.stream().map(predictor::predictAsync).toList();
            List<float[]> answers = new ArrayList<>();
            for (CompletableFuture<Tensor> future : futures) {
                try (Tensor answer = future.join()) {
                    assertThat(answer.dataType()).isEqualTo(DataType.FLOAT32);
                    answers.add(answer.toFloatArray());
                }
            }
            rows.forEach(Tensor::close);
            return answers;
        } finally {
            logger.removeHandler(listening);
        }
    }
}
