package dev.cresset.micrometer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.Handler;
import dev.cresset.Predictor;
import dev.cresset.engine.OpenThings;
import dev.cresset.handler.TensorHandler;
import dev.cresset.mar.ModelArchiveWriter;
import dev.cresset.registry.ModelRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Models that come, change and go, as registries of meters tell of them. */
@SuppressWarnings("try") // meters are bound as long as they are open
@ExtendWith(OpenThings.class)
@Timeout(60)
class RegistryMetersTest {

    private static final Handler<float[], float[]> ROWS = TensorHandler.ofFloats();
    private static final float[] ROW = {1, 2};

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private int archives;

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

    private Path archive(String version) throws IOException {
        Path model = Files.writeString(folder.resolve("model.pt"), "contract");
        Path output = Files.createDirectories(folder.resolve(version + "-" + archives++));
        ModelArchiveWriter.builder("m", version, "base_handler")
                .serializedFile(model)
                .build()
                .write(output);
        return output.resolve("m.mar");
    }

    /** Meters look again after a tenth of a second. */
    private void awaitAnswered(String version, double count) {
        while (answered(version) != count) {
            Thread.onSpinWait();
        }
    }

    private double answered(String version) {
        return registry.get("cresset.requests")
                .tags("model", "m", "version", version, "outcome", "answered")
                .functionCounter()
                .count();
    }

    @Test
    void update_hasMetersOfTheNewVersion() throws IOException {
        try (ModelRegistry<float[], float[]> models = ModelRegistry.open(archive -> Predictor.open(archive, ROWS))) {
            models.register(archive("1.0"));
            try (RegistryMeters meters = RegistryMeters.bind(models, registry)) {
                models.predict("m", ROW);
                awaitAnswered("1.0", 1);

                models.update(archive("2.0"));
                models.predict("m", ROW);
                models.predict("m", ROW);

                awaitAnswered("2.0", 2);
                assertThat(registry.find("cresset.requests")
                                .tags("version", "1.0")
                                .meters())
                        .isEmpty();
            }
            assertThat(registry.getMeters()).isEmpty();
        }
    }

    @Test
    void update_toAnArchiveOfTheSameVersion_countsAnew() throws IOException {
        try (ModelRegistry<float[], float[]> models = ModelRegistry.open(archive -> Predictor.open(archive, ROWS));
                RegistryMeters meters = RegistryMeters.bind(models, registry)) {
            models.register(archive("1.0"));
            models.predict("m", ROW);
            models.predict("m", ROW);
            models.update(archive("1.0"));
            models.predict("m", ROW);

            awaitAnswered("1.0", 1);
        }
    }

    @Test
    void unregister_takesTheMetersAway() throws IOException {
        try (ModelRegistry<float[], float[]> models = ModelRegistry.open(archive -> Predictor.open(archive, ROWS));
                RegistryMeters meters = RegistryMeters.bind(models, registry)) {
            models.register(archive("1.0"));
            assertThat(registry.getMeters()).isNotEmpty();
            models.unregister("m");
            assertThat(registry.getMeters()).isEmpty();
        }
    }
}
