package dev.cresset.consumer;

import dev.cresset.Batching;
import dev.cresset.Model;
import dev.cresset.ModelOptions;
import dev.cresset.Predictor;
import dev.cresset.handler.TensorHandler;
import dev.cresset.mar.ModelArchive;
import dev.cresset.registry.ModelRegistry;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.function.Supplier;

/** What an application of a container does: opens, asks in every way, closes, and leaves. Loaded by a loader of its own. */
public final class Application implements Supplier<String> {

    /** Called by its container. */
    public Application() {}

    /** The answers. */
    @Override
    public String get() {
        Path risk = Path.of(System.getProperty("cresset.fixtures"), "risk");
        float[] row = new float[30];
        Arrays.fill(row, 0.5f);
        try {
            return answers(risk, row);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String answers(Path risk, float[] row) throws IOException {
        StringBuilder said = new StringBuilder();
        try (Model model = Model.open(
                        risk.resolve("mlp-16-32-32-4.pt"),
                        ModelOptions.builder().engine("torch").build());
                Tensor x = Tensor.of(new float[16], 1, 16);
                Value y = model.forward(x)) {
            said.append(Arrays.toString(y.asTensor().toFloatArray()));
        }
        try (ModelArchive archive = ModelArchive.open(risk.resolve("risk.mar"));
                Predictor<float[], float[]> predictor = Predictor.builder(archive, TensorHandler.ofFloats())
                        .batching(Batching.upTo(4))
                        .open()) {
            predictor.registerMBean();
            said.append(Arrays.toString(predictor.predict(row)));
            said.append(Arrays.toString(
                    predictor.predictAsync(row, Duration.ofMinutes(1)).join()));
            said.append(predictor.metrics().answered() > 0);
        }
        try (ModelRegistry<byte[], String> models = ModelRegistry.open()) {
            models.register(risk.resolve("risk.mar"));
            byte[] json = Arrays.toString(row).getBytes(StandardCharsets.UTF_8);
            said.append(models.predict("risk", json).value());
        }
        return said.toString();
    }
}
