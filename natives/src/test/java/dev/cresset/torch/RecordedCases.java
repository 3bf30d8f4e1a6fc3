package dev.cresset.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cresset.InferenceException;
import dev.cresset.Model;
import dev.cresset.ModelExecutionException;
import dev.cresset.ModelOptions;
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicTest;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The calls of a file that {@code fixtures/python/cases.py} wrote, one test for each case. */
final class RecordedCases {

    private RecordedCases() {}

    /**
     * Calls what Python called.
     *
     * @param same takes the answer here and Python's, and fails if they differ
     */
    static Stream<DynamicTest> replayed(String file, String engine, BiConsumer<Value, Value> same) {
        return replayed(file, engine, ModelOptions.builder().engine(engine).build(), same);
    }

    /** Calls what Python called, on models opened so. */
    static Stream<DynamicTest> replayed(
            String file, String title, ModelOptions options, BiConsumer<Value, Value> same) {
        Path path = TorchContractTest.fixture(file);
        Path folder = path.resolveSibling("");
        JsonNode recorded = new JsonMapper().readTree(path).get("cases");
        return StreamSupport.stream(recorded.spliterator(), /* parallel= */ false)
                .map(test -> DynamicTest.dynamicTest(
                        title + " " + test.get("name").asString(), () -> replay(test, folder, options, same)));
    }

    /**
     * Calls what Python called, all cases of a module on one model: for ways to compute it that do not depend on what it is called
     * with first. One test for each module.
     */
    static Stream<DynamicTest> replayedTogether(
            String file, String title, ModelOptions options, BiConsumer<Value, Value> same) {
        Path path = TorchContractTest.fixture(file);
        Path folder = path.resolveSibling("");
        JsonNode recorded = new JsonMapper().readTree(path).get("cases");
        Map<String, List<JsonNode>> byModule = StreamSupport.stream(recorded.spliterator(), /* parallel= */ false)
                .collect(Collectors.groupingBy(
                        test -> test.get("module").asString(), LinkedHashMap::new, Collectors.toList()));
        return byModule.entrySet().stream()
                .map(module -> DynamicTest.dynamicTest(title + " " + module.getKey(), () -> {
                    try (Model model = Model.open(folder.resolve(module.getKey()), options)) {
                        for (JsonNode test : module.getValue()) {
                            replayOf(test, model, same);
                        }
                    }
                }));
    }

    private static void replayOf(JsonNode test, Model model, BiConsumer<Value, Value> same) {
        try {
            replay(test, model, same);
        } catch (AssertionError e) {
            throw new AssertionError(test.get("name").asString() + ": " + e.getMessage(), e);
        }
    }

    private static void replay(JsonNode test, Path folder, ModelOptions options, BiConsumer<Value, Value> same)
            throws IOException {
        try (Model model = Model.open(folder.resolve(test.get("module").asString()), options)) {
            replay(test, model, same);
        }
    }

    private static void replay(JsonNode test, Model model, BiConsumer<Value, Value> same) {
        for (JsonNode step : test.get("steps")) {
            List<Value> arguments = new ArrayList<>();
            step.get("args").forEach(argument -> arguments.add(RecordedValue.read(argument)));
            String method = step.get("method").asString();
            if (step.has("error")) {
                assertThatThrownBy(() -> model.invoke(method, arguments.toArray(Value[]::new)))
                        .isInstanceOf(InferenceException.class)
                        .hasMessageContaining(model.name())
                        .satisfies(e -> assertThat(e.getMessage() + traceOf(e))
                                .contains(step.get("error").asString()));
            } else {
                try (Value expected = RecordedValue.read(step.get("result"));
                        Value actual = model.invoke(method, arguments.toArray(Value[]::new))) {
                    same.accept(actual, expected);
                }
            }
            checkUntouched(arguments, step.get("args"));
            arguments.forEach(Value::close);
        }
    }

    /** Whatever a module does to its arguments, it does to copies. */
    private static void checkUntouched(List<Value> arguments, JsonNode recorded) {
        for (int i = 0; i < arguments.size(); i++) {
            try (Value before = RecordedValue.read(recorded.get(i))) {
                SameValue.check(arguments.get(i), before);
            }
        }
    }

    private static String traceOf(Throwable e) {
        return e instanceof ModelExecutionException failed ? failed.trace().orElse("") : "";
    }
}
