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
import java.util.List;
import java.util.function.BiConsumer;
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

    private static void replay(JsonNode test, Path folder, ModelOptions options, BiConsumer<Value, Value> same)
            throws IOException {
        try (Model model = Model.open(folder.resolve(test.get("module").asString()), options)) {
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
