package dev.cresset.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cresset.InferenceException;
import dev.cresset.Model;
import dev.cresset.ModelExecutionException;
import dev.cresset.ModelOptions;
import dev.cresset.tensor.Value;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Every call that PyTorch answered in {@code fixtures/modules/cases.json} gets the same answer here. */
class RecordedCasesTest {

    private static final Path MODULES = TorchContractTest.fixture("modules");

    @TestFactory
    Stream<DynamicTest> bridge() {
        return cases("torch");
    }

    @TestFactory
    Stream<DynamicTest> portable() {
        return cases("torch-portable");
    }

    private static Stream<DynamicTest> cases(String engine) {
        JsonNode recorded = new JsonMapper().readTree(MODULES.resolve("cases.json"));
        ModelOptions options = ModelOptions.builder().engine(engine).build();
        List<DynamicTest> tests = new ArrayList<>();
        for (JsonNode test : recorded.get("cases")) {
            tests.add(DynamicTest.dynamicTest(engine + " " + test.get("name").asString(), () -> replay(test, options)));
        }
        assertThat(tests).hasSizeGreaterThan(30);
        return tests.stream();
    }

    private static void replay(JsonNode test, ModelOptions options) {
        try (Model model = Model.open(MODULES.resolve(test.get("module").asString()), options)) {
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
                        SameValue.check(actual, expected);
                    }
                }
                arguments.forEach(Value::close);
            }
        }
    }

    private static String traceOf(Throwable e) {
        return e instanceof ModelExecutionException failed ? failed.trace().orElse("") : "";
    }
}
