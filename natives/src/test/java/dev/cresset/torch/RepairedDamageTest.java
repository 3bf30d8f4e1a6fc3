package dev.cresset.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cresset.InferenceException;
import dev.cresset.Model;
import dev.cresset.ModelLoadException;
import dev.cresset.ModelOptions;
import dev.cresset.Predictor;
import dev.cresset.handler.TensorHandler;
import dev.cresset.mar.ModelArchiveWriter;
import dev.cresset.probe.ModelProbe;
import dev.cresset.registry.ModelRegistry;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.TensorSpec;
import dev.cresset.tensor.Value;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Files with one bit flipped, or an entry cut short, and the checksums put right again, so that nothing but LibTorch's reader can
 * see it. Each is refused by name, or is a model, if perhaps another one; or it ends the JVM: then a probe says so, and a registry
 * with a probe does not let it in. A hundred are tried; {@code -Dcresset.damage=2000} tries so many, and the table of outcomes is printed.
 */
class RepairedDamageTest {

    private static final int TRIES = Integer.getInteger("cresset.damage", 100);
    private static final String FILE = "risk/risk.pt";

    @TempDir
    Path folder;

    @Test
    void open_ofADamagedFileWithRightChecksums_isTypedOrTheProbesSentence() throws Exception {
        Map<String, Integer> outcomes = new TreeMap<>();
        List<Integer> crashers = new ArrayList<>();
        for (int next = 0; next < TRIES; ) {
            ChildJvm child = ChildJvm.run(
                    Tries.class,
                    ChildJvm::withoutFake,
                    folder,
                    "-Xmx256m",
                    "-Dcresset.cache=off",
                    "-Dcresset.engine=torch",
                    "-Dfirst=" + next,
                    "-Dend=" + TRIES);
            List<String> lines = child.output()
                    .lines()
                    .filter(line -> line.startsWith("tried "))
                    .toList();
            for (String line : lines) {
                outcomes.merge(line.replaceFirst(".* -> ", ""), 1, Integer::sum);
                next++;
            }
            if (next < TRIES) { // it ended within a try
                assertThat(child.output()).contains("tries " + next);
                crashers.add(next);
                outcomes.merge("ended", 1, Integer::sum);
                next++;
            }
        }
        System.out.println("repaired " + FILE + ", " + TRIES + " tries: " + outcomes + ", ended by " + crashers);
        assertThat(outcomes.keySet())
                .allMatch(outcome -> outcome.startsWith("refused") || outcome.matches("answers|ended"));
        for (int seed : crashers) {
            isKeptOut(seed);
        }
    }

    /** The numbers of a weight are gone, what says how many there are is not: LibTorch reads where nothing is. */
    @Test
    void register_aWeightWithoutItsNumbers_isKeptOut() throws IOException {
        isKeptOut(1587);
    }

    private void isKeptOut(int seed) throws IOException {
        ModelProbe probe = ModelProbe.builder()
                .modelOptions(Tries.options())
                .memory(2L << 30)
                .timeout(Duration.ofSeconds(30))
                .build();
        Path file = folder.resolve("damaged.pt");
        Files.write(file, damaged(Fixtures.path(FILE), seed));
        ModelProbe.Report report = probe.run(file);
        System.out.println(report.sentence());
        assertThat(report.opens()).as("seed " + seed).isFalse();
        Path archive = ModelArchiveWriter.builder("damaged", "1.0", "base_handler")
                .serializedFile(file)
                .build()
                .write(Files.createTempDirectory(folder, "packed"));
        try (ModelRegistry<float[], float[]> models = ModelRegistry.builder(open ->
                        Predictor.builder(open, TensorHandler.ofFloats()).open())
                .probe(probe)
                .open()) {
            assertThatThrownBy(() -> models.register(archive)).isInstanceOf(ModelLoadException.class);
        }
    }

    /** One bit of what an entry holds is flipped, or its end cut off; then all is packed again. */
    static byte[] damaged(Path whole, int seed) throws IOException {
        Random random = new Random(seed);
        Map<String, byte[]> entries = new LinkedHashMap<>();
        try (ZipFile zip = new ZipFile(whole.toFile())) {
            for (ZipEntry entry : Collections.list(zip.entries())) {
                try (InputStream in = zip.getInputStream(entry)) {
                    entries.put(entry.getName(), in.readAllBytes());
                }
            }
        }
        List<String> names = entries.keySet().stream()
                .filter(name -> !name.endsWith(".debug_pkl")) // which nobody reads before something fails
                .toList();
        String chosen = names.get(random.nextInt(names.size()));
        byte[] content = Objects.requireNonNull(entries.get(chosen));
        if (random.nextInt(10) == 0) {
            entries.put(chosen, Arrays.copyOf(content, random.nextInt(content.length)));
        } else {
            content[random.nextInt(content.length)] ^= (byte) (1 << random.nextInt(8));
        }
        return packed(entries);
    }

    static byte[] packed(Map<String, byte[]> entries) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream out = new ZipOutputStream(bytes)) {
            out.setMethod(ZipOutputStream.STORED);
            for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
                CRC32 sum = new CRC32();
                sum.update(entry.getValue());
                ZipEntry stored = new ZipEntry(entry.getKey());
                stored.setSize(entry.getValue().length);
                stored.setCrc(sum.getValue());
                out.putNextEntry(stored);
                out.write(entry.getValue());
            }
        }
        return bytes.toByteArray();
    }

    /** What runs in a JVM of its own: tries from the property {@code first} on, each with a line before and one after it. */
    static final class Tries {
        private static final long LONGEST_SECONDS = 20;

        private Tries() {}

        static ModelOptions options() {
            return ModelOptions.builder()
                    .engine("torch")
                    .inputs(TensorSpec.of(DataType.FLOAT32, 1, 30))
                    .tuningBudget(Duration.ZERO)
                    .build();
        }

        public static void main(String[] arguments) throws IOException {
            Path whole = Fixtures.path(FILE);
            Path target = Path.of("repaired.pt").toAbsolutePath();
            for (int seed = Integer.getInteger("first"); seed < Integer.getInteger("end"); seed++) {
                Files.write(target, damaged(whole, seed));
                // Lines of their own: newer JDKs write warnings in between.
                System.out.println("tries " + seed);
                Thread watch = endIfItHangs();
                System.out.println("tried " + seed + " -> " + outcome(target));
                watch.interrupt();
            }
        }

        private static Thread endIfItHangs() {
            Thread watch = new Thread(() -> {
                try {
                    Thread.sleep(LONGEST_SECONDS * 1000);
                    Runtime.getRuntime().halt(3);
                } catch (InterruptedException e) {
                    return; // it did not
                }
            });
            watch.setDaemon(true);
            watch.start();
            return watch;
        }

        private static String outcome(Path file) {
            try (Model model = Model.open(file, options());
                    Tensor row = Tensor.allocate(DataType.FLOAT32, 1, 30);
                    Value answer = model.forward(row)) {
                return answer.toString().isEmpty() ? "" : "answers";
            } catch (InferenceException e) {
                return "refused by " + e.getClass().getSimpleName();
            } catch (Throwable e) {
                return "UNTYPED " + e;
            }
        }
    }
}
