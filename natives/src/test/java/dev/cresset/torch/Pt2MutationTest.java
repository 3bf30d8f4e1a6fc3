package dev.cresset.torch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.InferenceException;
import dev.cresset.Model;
import dev.cresset.ModelOptions;
import dev.cresset.engine.Optimization;
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Programs that were changed behind right checksums, opened and called: each is refused by a typed exception, or is a model, if perhaps
 * another one. Tried in a JVM of its own, which a crash would end. A few are tried; {@code -Dcresset.damage=2000} tries so many, and
 * the table of outcomes is printed.
 */
class Pt2MutationTest {

    private static final int TRIES = Integer.getInteger("cresset.damage", 150);

    @TempDir
    Path folder;

    @Test
    void open_ofAChangedProgram_isTypedOrAModel() throws Exception {
        Map<String, Integer> outcomes = new TreeMap<>();
        for (int next = 0; next < TRIES; ) {
            ChildJvm child = ChildJvm.run(
                    Tries.class,
                    ChildJvm::withoutFake,
                    folder,
                    "-Xmx256m",
                    "-Dcresset.cache=off",
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
            if (next
                    < TRIES) { // it ended within a try: only of a loop that was changed is it known that it may have no
                // end
                assertThat(child.output())
                        .as("seed " + next)
                        .contains("tries " + next)
                        .contains("a loop without end");
                outcomes.merge("a loop without end", 1, Integer::sum);
                next++;
            }
        }
        System.out.println("changed programs, " + TRIES + " tries: " + outcomes);
        assertThat(outcomes.keySet())
                .contains("answers", "refused by ModelLoadException")
                .allMatch(
                        outcome -> outcome.startsWith("refused by ") || outcome.matches("answers|a loop without end"));
    }

    /** What runs in a JVM of its own: tries from the property {@code first} on, each with a line before and one after it. */
    static final class Tries {

        private static final long LONGEST_SECONDS = 30;

        private static final JsonMapper JSON = new JsonMapper();

        private static final List<String> FILES = List.of(
                "mlp.core",
                "cnn.core",
                "loop.default",
                "branch.default",
                "nested.default",
                "scan.core",
                "quantised.core",
                "transformer.core",
                "autocast.default",
                "mapped.default",
                "matrices.core",
                "sizes.core",
                "activations.core",
                "item.core",
                "truths.default",
                "counter.default",
                "written.core",
                "encoder.core",
                "halves.default",
                "scalars-dynamic.core",
                "recommender.core",
                "regions.default",
                "half-attention.core",
                "checked.core",
                "boxes.default",
                "gru.core");

        private Tries() {}

        public static void main(String[] arguments) throws IOException {
            Path target = Path.of("changed.pt2").toAbsolutePath();
            for (int seed = Integer.getInteger("first"); seed < Integer.getInteger("end"); seed++) {
                String file = FILES.get(seed % FILES.size());
                String program = changed(Pt2Fixtures.path(file + ".pt2"), seed, target);
                // Lines of their own: newer JDKs write warnings in between.
                System.out.println("tries " + seed + " " + file);
                Thread watch = endIfItHangs(program.contains("while_loop"));
                System.out.println("tried " + seed + " " + outcome(target, file, seed));
                watch.interrupt();
            }
        }

        /** Writes the file that a seed makes; the first of each program is as it was. */
        static String changed(Path whole, int seed, Path target) throws IOException {
            Map<String, byte[]> entries = new LinkedHashMap<>();
            String json = "";
            try (ZipFile zip = new ZipFile(whole.toFile())) {
                for (ZipEntry entry : Collections.list(zip.entries())) {
                    try (InputStream in = zip.getInputStream(entry)) {
                        entries.put(entry.getName(), in.readAllBytes());
                    }
                    if (entry.getName().contains("/models/")) {
                        String before =
                                new String(entries.getOrDefault(entry.getName(), new byte[0]), StandardCharsets.UTF_8);
                        json = seed < FILES.size() ? before : new Pt2Mutations(seed).changed(before);
                        entries.put(entry.getName(), json.getBytes(StandardCharsets.UTF_8));
                    }
                }
            }
            Files.write(target, RepairedDamageTest.packed(entries));
            return json;
        }

        private static Thread endIfItHangs(boolean hasLoop) {
            Thread watch = new Thread(() -> {
                try {
                    Thread.sleep(LONGEST_SECONDS * 1000);
                    System.out.println(hasLoop ? "a loop without end" : "HANGS");
                    Runtime.getRuntime().halt(3);
                } catch (InterruptedException e) {
                    return; // it did not
                }
            });
            watch.setDaemon(true);
            watch.start();
            return watch;
        }

        private static String outcome(Path file, String name, int seed) {
            Optimization[] ways = Optimization.values();
            ModelOptions.Builder options =
                    ModelOptions.builder().engine("torch").tuningBudget(Duration.ZERO);
            if (seed % 3 > 0) {
                options.optimization(ways[seed / FILES.size() % ways.length]);
            }
            try (Model model = Model.open(file, options.build())) {
                JsonNode recorded = JSON.readTree(Fixtures.path("pt2").resolve(name.replaceFirst("\\..*", ".json")))
                        .get("cases")
                        .get(0);
                List<Value> given = new ArrayList<>();
                recorded.get("args").forEach(argument -> given.add(RecordedValue.read(argument)));
                try (Value answer = model.forward(given.toArray(Value[]::new))) {
                    return answer.toString().isEmpty() ? "" : "-> answers";
                } finally {
                    given.forEach(Value::close);
                }
            } catch (InferenceException e) {
                return String.valueOf(e.getMessage()).lines().findFirst().orElse("") + " -> refused by "
                        + e.getClass().getSimpleName();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (Throwable e) {
                e.printStackTrace(System.out);
                return "-> UNTYPED " + e;
            }
        }
    }
}
