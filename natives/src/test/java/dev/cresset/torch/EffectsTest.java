package dev.cresset.torch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.BoundCall;
import dev.cresset.Model;
import dev.cresset.ModelOptions;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Modules that keep something where it is easily overlooked, that write to their arguments, or that only look like it, in
 * {@code fixtures/effects}: what they are taken for, and that they answer as in Python.
 */
class EffectsTest {

    private static final String CASES = "effects/cases.json";
    private static final List<String> ENGINES = List.of("torch", "torch-portable");

    @TestFactory
    Stream<DynamicTest> isStateful_whereverAModuleKeepsWhatItKeeps() {
        return ENGINES.stream()
                .flatMap(engine -> recorded()
                        .get("stateful")
                        .propertyStream()
                        .map(module -> DynamicTest.dynamicTest(engine + " " + module.getKey(), () -> {
                            try (Model model = open(engine, module.getKey())) {
                                assertThat(model.isStateful())
                                        .isEqualTo(module.getValue().asBoolean());
                            }
                        })));
    }

    @TestFactory
    Stream<DynamicTest> invoke_answersAsPythonAndLeavesTheArgumentsAlone() {
        return ENGINES.stream().flatMap(engine -> RecordedCases.replayed(CASES, engine, SameValue::check));
    }

    @TestFactory
    Stream<DynamicTest> bound_runAgain_seesTheArgumentsAsTheyWereBound() {
        return ENGINES.stream()
                .flatMap(engine -> StreamSupport.stream(recorded().get("cases").spliterator(), /* parallel= */ false)
                        .filter(test -> test.get("name").asString().startsWith("arguments/"))
                        .map(test -> DynamicTest.dynamicTest(
                                engine + " " + test.get("name").asString(), () -> runThreeTimes(engine, test))));
    }

    private static void runThreeTimes(String engine, JsonNode test) throws IOException {
        JsonNode step = test.get("steps").get(0);
        List<Value> arguments = new ArrayList<>();
        step.get("args").forEach(argument -> arguments.add(RecordedValue.read(argument)));
        try (Model model = open(engine, test.get("module").asString());
                Tensor expected = RecordedValue.read(step.get("result")).asTensor();
                Tensor answer = Tensor.allocate(expected.dataType(), expected.shape());
                BoundCall call = model.bind(arguments, List.of(answer))) {
            for (int run = 0; run < 3; run++) {
                call.run();
                SameValue.check(answer, expected);
            }
        } finally {
            arguments.forEach(Value::close);
        }
    }

    private static JsonNode recorded() {
        return new JsonMapper().readTree(TorchContractTest.fixture(CASES));
    }

    private static Model open(String engine, String module) throws IOException {
        return Model.open(
                TorchContractTest.fixture("effects/" + module),
                ModelOptions.builder().engine(engine).build());
    }
}
