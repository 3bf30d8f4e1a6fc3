package dev.cresset.torch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.Model;
import dev.cresset.ModelOptions;
import dev.cresset.engine.Optimization;
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Programs of {@code torch.export} answer what their modules answered in Python: in each form that export has, in every way that
 * the tuner may pick, for inputs of two sizes, and three times in a row, for some keep a state.
 */
class Pt2ProgramsTest {

    private static final int CALLS = 3;

    /** Those that keep a state: none of them is computed in another way than as it was saved. */
    private static final Set<String> STATEFUL =
            Set.of("counter", "key-values", "swapped", "running-statistics", "same-tensor", "ungraded");

    /** What they are refused for, and the way out, is in {@link Pt2RefusalsTest}. */
    private static final Set<String> REFUSED =
            Set.of("composed-autocast.default.pt2", "mapped-over-rows.default.pt2", "associative-scan.default.pt2");

    @TestFactory
    Stream<DynamicTest> committed() {
        List<DynamicTest> tests = programs(Fixtures.path("pt2"), Pt2Fixtures::path, Pt2ProgramsTest::check)
                .toList();
        assertThat(tests).hasSizeGreaterThan(60);
        return tests.stream();
    }

    /** Those that other versions of torch wrote. */
    @TestFactory
    Stream<DynamicTest> ofOtherWriters() {
        List<DynamicTest> tests = programs(
                        Fixtures.path("pt2/writers"),
                        file -> Pt2Fixtures.path("writers/" + file),
                        Pt2ProgramsTest::check)
                .toList();
        assertThat(tests).isNotEmpty();
        return tests.stream();
    }

    /** {@code -Dcresset.pt2=FOLDER}: those that {@code fixtures/make.py pt2-large} makes. */
    @TestFactory
    Stream<DynamicTest> large() {
        return Optional.ofNullable(System.getProperty("cresset.pt2")).map(Path::of).stream()
                .flatMap(folder -> programs(folder, folder::resolve, Pt2ProgramsTest::check));
    }

    /** What is asked of a program. */
    interface Check {
        void of(JsonNode program, Path file) throws IOException;
    }

    /** What was recorded of each program is in a file of its own, with the names of the program's forms. */
    static Stream<DynamicTest> programs(Path folder, Function<String, Path> files, Check check) {
        JsonMapper json = new JsonMapper();
        try (Stream<Path> all = Files.list(folder)) {
            return all
                    .filter(file -> file.toString().endsWith(".json"))
                    .sorted()
                    .map(json::readTree)
                    .filter(program -> program.has("files"))
                    .toList()
                    .stream()
                    .flatMap(program -> StreamSupport.stream(
                                    program.get("files").spliterator(), /* parallel= */ false)
                            .map(JsonNode::asString)
                            .filter(file -> !REFUSED.contains(file))
                            .map(file -> DynamicTest.dynamicTest(file, () -> check.of(program, files.apply(file)))));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void check(JsonNode program, Path file) throws IOException {
        String name = program.get("name").asString();
        Set<Optimization> ways;
        try (Model model = open(file, Optimization.FROZEN)) {
            assertThat(model.isStateful()).as("it keeps a state").isEqualTo(STATEFUL.contains(name));
            ways = model.isStateful() ? EnumSet.of(Optimization.AS_IS) : offered();
        }
        for (Optimization way : ways) {
            for (JsonNode recorded : program.get("cases")) {
                try (Model model = open(file, way)) {
                    answersAsPython(model, recorded, way.toString());
                }
            }
        }
    }

    /** What the tuner may pick. */
    private static Set<Optimization> offered() {
        EnumSet<Optimization> ways = EnumSet.allOf(Optimization.class);
        ways.removeIf(way -> !way.keepsEveryAnswer());
        return ways;
    }

    private static Model open(Path file, Optimization way) throws IOException {
        return Model.open(
                file, ModelOptions.builder().engine("torch").optimization(way).build());
    }

    /** Call after call. */
    static void answersAsPython(Model model, JsonNode recorded, String where) {
        for (int call = 0; call < CALLS; call++) {
            answersAsPython(model, recorded, call, where);
        }
    }

    private static void answersAsPython(Model model, JsonNode recorded, int call, String where) {
        List<Value> arguments = new ArrayList<>();
        recorded.get("args").forEach(argument -> arguments.add(RecordedValue.read(argument)));
        JsonNode results = recorded.get("results");
        try (Value expected = RecordedValue.read(results.get(Math.min(call, results.size() - 1)));
                Value actual = model.forward(arguments.toArray(Value[]::new))) {
            NearValue.check(actual, expected, where + ", call " + (call + 1));
        } finally {
            arguments.forEach(Value::close);
        }
    }
}
