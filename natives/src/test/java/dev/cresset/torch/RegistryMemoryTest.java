package dev.cresset.torch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.Answer;
import dev.cresset.Handler;
import dev.cresset.Inputs;
import dev.cresset.Predictor;
import dev.cresset.mar.ModelArchive;
import dev.cresset.mar.ModelArchiveWriter;
import dev.cresset.registry.ModelRegistry;
import dev.cresset.registry.ModelVersion;
import dev.cresset.registry.Prediction;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a process holds in memory whose models are exchanged under load. {@code -Dcresset.updates=1000} exchanges them more often
 * than every change needs.
 */
@EnabledOnOs(value = OS.LINUX, architectures = "amd64")
class RegistryMemoryTest {

    private static final Path FIXTURES = Path.of(System.getProperty("cresset.fixtures"));
    private static final int UPDATES = Integer.getInteger("cresset.updates", 200);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @Test
    void update_underLoad_leavesNothing() throws IOException, InterruptedException {
        String output = MemoryTest.run(Updates.class, folder, "-Dcresset.updates=" + UPDATES);
        System.out.println(output.substring(output.lastIndexOf("updates: ")).strip());
        assertThat(MemoryTest.more(output)).isLessThan(24);
    }

    /** Exchanges two small networks for each other while threads ask; their answers differ in length. */
    static final class Updates {
        private static final AtomicBoolean STOP = new AtomicBoolean();
        private static final AtomicLong ANSWERS = new AtomicLong();

        private Updates() {}

        public static void main(String[] args) throws IOException {
            Path odd = pack("odd", "mlp-16-32-32-4.pt");
            Path even = pack("even", "risk.pt");
            try (ModelRegistry<float[], float[]> models = ModelRegistry.builder(Updates::open)
                    .listener(new ModelRegistry.Listener() {})
                    .open()) {
                models.register(odd);
                List<CompletableFuture<Void>> callers = new ArrayList<>();
                callers.add(inThread(() -> ask(() -> models.predict("small", new float[1]))));
                callers.add(inThread(() ->
                        ask(() -> models.predictAsync("small", new float[1]).join())));
                update(models, 100, odd, even);
                long before = MemoryTest.anonymousMiB();
                long start = System.nanoTime();
                int updates = Integer.getInteger("cresset.updates", 0);
                update(models, updates, odd, even);
                double seconds = (System.nanoTime() - start) / 1e9;
                long after = MemoryTest.anonymousMiB();
                STOP.set(true);
                callers.forEach(CompletableFuture::join);
                List<ModelVersion> left = models.models();
                if (left.size() != 1) {
                    throw new AssertionError("left: " + left);
                }
                System.out.printf(
                        Locale.ROOT,
                        "updates: %d in %.1f s, answers: %d, before: %d MiB, after: %d MiB, more: %d%n",
                        updates,
                        seconds,
                        ANSWERS.get(),
                        before,
                        after,
                        after - before);
            }
        }

        private static Path pack(String version, String module) throws IOException {
            return ModelArchiveWriter.builder("small", version, "base_handler")
                    .serializedFile(FIXTURES.resolve("risk").resolve(module))
                    .build()
                    .write(Files.createDirectory(Path.of(version)));
        }

        private static void update(ModelRegistry<float[], float[]> models, int times, Path odd, Path even)
                throws IOException {
            for (int i = 0; i < times; i++) {
                models.update(i % 2 == 0 ? even : odd);
            }
        }

        private static Predictor<float[], float[]> open(ModelArchive archive) throws IOException {
            boolean odd = archive.manifest().model().modelVersion().equals("odd");
            return Predictor.open(archive, new Filled(odd ? 16 : 30));
        }

        private static CompletableFuture<Void> inThread(Runnable action) {
            return CompletableFuture.runAsync(action, task -> new Thread(task, "caller").start());
        }

        private interface Caller {
            Prediction<float[]> ask();
        }

        private static void ask(Caller caller) {
            while (!STOP.get()) {
                Prediction<float[]> answer = caller.ask();
                if (answer.value().length != (answer.version().equals("odd") ? 4 : 1)) {
                    throw new AssertionError(answer.version() + " answered with " + answer.value().length);
                }
                ANSWERS.incrementAndGet();
            }
        }
    }

    /** As many numbers as the network takes, all the same. */
    private record Filled(int features) implements Handler<float[], float[]> {
        @Override
        public Answer<float[]> preprocess(float[] request, Inputs inputs) {
            float[] row = new float[features];
            Arrays.fill(row, request[0]);
            inputs.tensor(DataType.FLOAT32, features).copyFrom(row);
            return this::postprocess;
        }

        float[] postprocess(Value output) {
            return output.asTensor().toFloatArray();
        }
    }
}
