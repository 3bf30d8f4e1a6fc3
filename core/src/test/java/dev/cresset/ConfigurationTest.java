package dev.cresset;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cresset.engine.OpenThings;
import dev.cresset.handler.TensorHandler;
import dev.cresset.mar.ModelArchive;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Consumer;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Nonsense is refused where it is said, in words that name it. */
@ExtendWith(OpenThings.class)
class ConfigurationTest {

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private void building(Consumer<Predictor.Builder<float[], float[]>> setting) throws IOException {
        try (ModelArchive archive = ModelArchive.open(TestArchives.fake(folder, "m", "contract", "none"))) {
            setting.accept(Predictor.builder(archive, TensorHandler.ofFloats()));
        }
    }

    @Test
    void workers_beyondAnyMachine_areRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> building(builder -> builder.workers(Integer.MAX_VALUE)))
                .withMessageStartingWith("workers is 2147483647, it must be from 1 to ");
    }

    @Test
    void batching_beyondAnyMemory_isRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Batching.upTo(Integer.MAX_VALUE))
                .withMessageStartingWith("maxSize is 2147483647, it must be from 1 to ");
    }

    @Test
    void open_withABatchSizeBeyondAnyMemory_namesTheArchive() throws IOException {
        Path file = TestArchives.write(
                folder.resolve("m.mar"),
                TestArchives.manifest(
                        "m", "none", "\"serializedFile\": \"model.pt\", \"configFile\": \"model-config.yaml\""),
                Map.of("model.pt", "contract", "model-config.yaml", "batchSize: 1000000"));
        try (ModelArchive archive = ModelArchive.open(file)) {
            assertThatThrownBy(() -> Predictor.open(archive, TensorHandler.ofFloats()))
                    .isInstanceOf(ModelLoadException.class)
                    .hasMessageContaining("m.mar: its settings' batchSize")
                    .hasMessageContaining("maxSize is 1000000");
        }
    }

    /** As many rows as one tensor holds go together; the handler is not to blame for more. */
    @Test
    void batching_ofRowsThatFillMoreThanATensor_takesFewer() throws IOException {
        Handler<Float, Float> wide = new Handler<>() {
            @Override
            public Answer<Float> preprocess(Float request, Inputs inputs) {
                inputs.tensor(DataType.FLOAT32, 1 << 12, 1 << 12)
                        .asFloatBuffer()
                        .put(request);
                return output -> output.asTensor().asFloatBuffer().get(0);
            }
        };
        try (ModelArchive archive = ModelArchive.open(TestArchives.fake(folder, "m", "contract", "none"));
                Predictor<Float, Float> predictor = Predictor.builder(archive, wide)
                        .batching(Batching.upTo(65_536))
                        .open()) {
            assertThatThrownBy(() -> predictor.predict(1f))
                    .isInstanceOf(OutOfNativeMemoryException.class)
                    .hasMessageContaining("-XX:MaxDirectMemorySize");
        }
    }

    @Test
    @SuppressWarnings("NullAway") // as callers do whom nobody checks
    void builder_refusesNullsWhereTheyAreGiven() throws IOException {
        building(builder -> {
            assertThatNullPointerException()
                    .isThrownBy(() -> builder.batching(null))
                    .withMessage("batching");
            assertThatNullPointerException()
                    .isThrownBy(() -> builder.modelOptions(null))
                    .withMessage("modelOptions");
            assertThatNullPointerException()
                    .isThrownBy(() -> builder.completeOn(null))
                    .withMessage("callbacks");
            assertThatNullPointerException()
                    .isThrownBy(() -> builder.context(null))
                    .withMessage("propagator");
            assertThatNullPointerException()
                    .isThrownBy(() -> builder.envelope(null))
                    .withMessage("format");
            assertThatNullPointerException()
                    .isThrownBy(() -> builder.queue(1, null))
                    .withMessage("whenFull");
        });
        try (ModelArchive archive = ModelArchive.open(folder.resolve("m.mar"))) {
            assertThatNullPointerException()
                    .isThrownBy(() -> Predictor.open(archive, (Handler<String, String>) null))
                    .withMessage("handler");
        }
    }

    @Test
    @SuppressWarnings("NullAway") // as callers do whom nobody checks
    void forward_ofNull_namesTheArgument() throws IOException {
        try (ModelArchive archive = ModelArchive.open(TestArchives.fake(folder, "m", "contract", "none"));
                Model model = Model.open(archive);
                Tensor x = Tensor.of(new float[] {1}, 1)) {
            assertThatNullPointerException()
                    .isThrownBy(() -> model.invoke("add", x, null))
                    .withMessageContaining("argument 2 is null");
        }
    }

    @Test
    void forward_ofAValueDeeperThanTheStack_isRefused() throws IOException {
        Value deep = Value.of(1);
        for (int i = 0; i < 20_000; i++) {
            deep = Value.list(deep);
        }
        Value argument = deep;
        try (ModelArchive archive = ModelArchive.open(TestArchives.fake(folder, "m", "contract", "none"));
                Model model = Model.open(archive)) {
            assertThatThrownBy(() -> model.forward(argument))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("expected Tensor");
        }
    }

    @Test
    void open_ofAnArchiveWithoutManifest_saysWhatIsMissing() throws IOException {
        Path file = folder.resolve("bare.zip");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
            zip.putNextEntry(new ZipEntry("model.pt"));
            zip.write(1);
        }
        try (ModelArchive archive = ModelArchive.open(file)) {
            assertThatThrownBy(() -> Predictor.open(archive))
                    .isInstanceOf(ModelLoadException.class)
                    .hasMessageContaining("it has no MAR-INF/MANIFEST.json, which would name its handler")
                    .hasMessageContaining("[model.pt]");
        }
    }
}
