package dev.cresset.torch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.InferenceException;
import dev.cresset.Model;
import dev.cresset.mar.ArchiveException;
import dev.cresset.mar.ModelArchive;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Files with one bit flipped, or cut short: each is refused by a typed exception, or answers what the whole file does. Tried
 * in JVMs of their own, for LibTorch's reader may crash on what it should not have been given. A hundred of each; {@code
 * -Dcresset.damage=2000} tries so many, and the table of outcomes is printed.
 */
class DamageTest {

    private static final int TRIES = Integer.getInteger("cresset.damage", 100);

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({"torch, risk.pt", "torch, risk.mar", "torch-portable, risk.pt", "torch-portable, risk.mar"})
    void open_ofADamagedFile_isTypedOrRight(String engine, String file) throws Exception {
        Map<String, Integer> outcomes = new TreeMap<>();
        int next = 0;
        while (next < TRIES) {
            ChildJvm child = ChildJvm.run(
                    Tries.class,
                    ChildJvm::withoutFake,
                    folder,
                    "-Xmx256m",
                    "-Dcresset.cache=off",
                    "-Dcresset.engine=" + engine,
                    "-Dfile=" + file,
                    "-Dfirst=" + next,
                    "-Dend=" + TRIES);
            List<String> lines = child.output()
                    .lines()
                    .filter(line -> line.startsWith("try "))
                    .toList();
            assertThat(lines).as(child.output()).isNotEmpty();
            for (String line : lines) {
                next++;
                // A child that ended within a try left its line unfinished.
                String outcome = line.contains(" -> ") ? line.replaceFirst(".* -> ", "") : "crashed: " + line;
                outcomes.merge(outcome, 1, Integer::sum);
            }
        }
        System.out.println(engine + ", " + file + ", " + TRIES + " tries: " + outcomes);
        assertThat(outcomes.keySet()).allMatch(outcome -> outcome.startsWith("refused") || outcome.equals("right"));
    }

    /** What runs in a JVM of its own: tries from the property {@code first} on, each a line. */
    static final class Tries {

        private final byte[] whole;
        private final Path target;
        private final float[] right;

        private Tries(Path source) throws IOException {
            whole = Files.readAllBytes(source);
            target = Files.createTempFile(
                    Path.of("").toAbsolutePath(),
                    "damaged",
                    source.getFileName().toString());
            right = answer(source);
        }

        public static void main(String[] arguments) throws IOException {
            Tries tries = new Tries(Fixtures.path("risk/" + System.getProperty("file")));
            for (int i = Integer.getInteger("first"); i < Integer.getInteger("end"); i++) {
                tries.run(i);
            }
        }

        private void run(int seed) throws IOException {
            Random random = new Random(seed);
            byte[] damaged = whole.clone();
            if (random.nextInt(10) == 0) {
                damaged = Arrays.copyOf(whole, random.nextInt(whole.length));
                System.out.print("try " + seed + ": cut to " + damaged.length);
            } else {
                int at = random.nextInt(whole.length);
                int bit = random.nextInt(8);
                damaged[at] ^= (byte) (1 << bit);
                System.out.print("try " + seed + ": bit " + bit + " of byte " + at);
            }
            System.out.flush();
            Files.write(target, damaged);
            System.out.println(" -> " + outcome());
        }

        private String outcome() {
            try {
                return Arrays.equals(answer(target), right) ? "right" : "WRONG";
            } catch (InferenceException | ArchiveException e) {
                return "refused by " + e.getClass().getSimpleName();
            } catch (Throwable e) {
                return "UNTYPED " + e;
            }
        }

        private static float[] answer(Path file) throws IOException {
            try (Model model = open(file);
                    Tensor row = Tensor.of(row(), 1, 30);
                    Value answer = model.forward(row)) {
                return answer.asTensor().toFloatArray();
            }
        }

        private static Model open(Path file) throws IOException {
            if (!file.toString().endsWith(".mar")) {
                return Model.open(file);
            }
            try (ModelArchive archive = ModelArchive.open(file)) {
                return Model.open(archive);
            }
        }

        private static float[] row() {
            float[] row = new float[30];
            for (int i = 0; i < row.length; i++) {
                row[i] = 0.7f - 0.1f * i;
            }
            return row;
        }
    }
}
