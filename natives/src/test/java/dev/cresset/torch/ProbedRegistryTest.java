package dev.cresset.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cresset.ClosedException;
import dev.cresset.ModelLoadException;
import dev.cresset.ModelOptions;
import dev.cresset.Predictor;
import dev.cresset.mar.ModelArchiveWriter;
import dev.cresset.probe.ModelProbe;
import dev.cresset.registry.ModelRegistry;
import dev.cresset.registry.ModelVersion;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A registry with a probe: what would end this process never comes in, and the version before it goes on answering. */
@Timeout(300)
class ProbedRegistryTest {

    private static final byte[] ROW = Arrays.toString(new double[16]).getBytes(StandardCharsets.UTF_8);
    private static final ModelOptions TORCH =
            ModelOptions.builder().engine("torch").build();

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private final List<String> failures = new CopyOnWriteArrayList<>();
    private final CountDownLatch failed = new CountDownLatch(1);

    @SuppressWarnings("NullAway.Init")
    private Path good;

    @BeforeEach
    void packTheGoodOne() throws IOException {
        good = pack("risk/mlp-16-32-32-4", "1.0");
    }

    /** An archive of a fixture, with a row as its sample. */
    private Path pack(String module, String version) throws IOException {
        Path settings = Files.writeString(folder.resolve("model-config.yaml"), "warmUp:\n  - input: row.json\n");
        Path into = Files.createTempDirectory(folder, "packed");
        return ModelArchiveWriter.builder("rows", version, "base_handler")
                .serializedFile(Fixtures.path(module + ".pt"))
                .extraFile("row.json", ROW)
                .configFile(settings)
                .build()
                .write(into);
    }

    private ModelRegistry<byte[], String> registry(ModelProbe.Builder probe) {
        return ModelRegistry.<byte[], String>builder(archive ->
                        Predictor.builder(archive).modelOptions(TORCH).open())
                .probe(probe.modelOptions(TORCH).build())
                .listener(new ModelRegistry.Listener() {
                    @Override
                    public void failed(Path path, Throwable reason) {
                        failures.add(path.getFileName() + ": " + reason.getMessage());
                        failed.countDown();
                    }
                })
                .open();
    }

    @Test
    void update_toOneThatCrashes_isASentence_andTheOldOneAnswers() throws IOException {
        try (ModelRegistry<byte[], String> models = registry(ModelProbe.builder())) {
            models.register(good);

            assertThatThrownBy(() -> models.update(pack("probe/crashes-when-called", "2.0")))
                    .isInstanceOf(ModelLoadException.class)
                    .hasMessageStartingWith("rows.mar: the JVM that tried it died of SIGSEGV in [libtorch_cpu.so");

            assertThat(failures).singleElement().asString().contains("died of SIGSEGV");
            assertThat(models.models()).extracting(ModelVersion::version).containsExactly("1.0");
            assertThat(models.predict("rows", ROW).version()).isEqualTo("1.0");
        }
    }

    @Test
    void follow_oneThatCrashesIsCopiedIn_isToldOnce_andTheOldOneAnswers() throws Exception {
        Path models = Files.createDirectory(folder.resolve("models"));
        Files.copy(good, models.resolve("rows.mar"));
        try (ModelRegistry<byte[], String> registry = registry(ModelProbe.builder())) {
            registry.follow(models, Duration.ofMillis(50));
            Path part = models.resolve("rows.part");
            Files.copy(pack("probe/crashes-when-opened", "2.0"), part);
            Files.move(part, models.resolve("rows.mar"), StandardCopyOption.ATOMIC_MOVE);
            failed.await();

            assertThat(failures).singleElement().asString().contains("died of SIGSEGV");
            assertThat(registry.predict("rows", ROW).version()).isEqualTo("1.0");
        }
    }

    @Test
    void register_theModelIsReady_serves() throws IOException {
        try (ModelRegistry<byte[], String> models = registry(ModelProbe.builder())) {
            models.register(good);

            assertThat(models.update(pack("risk/mlp-16-32-32-4", "2.0")).version())
                    .isEqualTo("2.0");
            assertThat(models.predict("rows", ROW).value()).startsWith("[");
        }
    }

    @Test
    void register_theFileIsExchangedWhileItIsProbed_isRefused() throws Exception {
        ExecutorService threads = Executors.newSingleThreadExecutor();
        try (ModelRegistry<byte[], String> models = registry(ModelProbe.builder())) {
            Path other = pack("risk/mlp-16-32-32-4", "2.0");
            Future<ModelVersion> registered = threads.submit(() -> models.register(good));
            ModelProbeTest.awaitChild(); // this process has opened it, the other one is being started
            Files.move(other, good, StandardCopyOption.ATOMIC_MOVE);

            assertThatThrownBy(registered::get)
                    .cause()
                    .isInstanceOf(ModelLoadException.class)
                    .hasMessageStartingWith("cannot load rows.mar: the file was changed while it was probed");
            assertThat(models.models()).isEmpty();
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void close_whileAProbeRuns_endsIt() throws Exception {
        ExecutorService threads = Executors.newSingleThreadExecutor();
        ModelRegistry<byte[], String> models = registry(ModelProbe.builder().timeout(Duration.ofMinutes(4)));
        try {
            Path hangs = pack("probe/hangs", "1.0");
            Future<ModelVersion> registered = threads.submit(() -> models.register(hangs));
            ProcessHandle probe = ModelProbeTest.awaitChild();
            models.close();

            assertThatThrownBy(registered::get).hasCauseInstanceOf(ClosedException.class);
            assertThat(probe.isAlive()).isFalse();
        } finally {
            threads.shutdownNow();
        }
    }
}
