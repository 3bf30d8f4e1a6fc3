package dev.cresset.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cresset.InvalidInputException;
import dev.cresset.Model;
import dev.cresset.ModelOptions;
import dev.cresset.pt2.ExportedProgram;
import dev.cresset.pt2.Pt2Archive;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import dev.cresset.torch.exported.LoweredPrograms;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

/** What the branches of a program were chosen by ({@code guards_code}) is held to, as Python holds it. */
class Pt2GuardsTest {

    private static final ModelOptions TORCH =
            ModelOptions.builder().engine("torch").build();

    /** Python raises an error; without a check here there would be an answer, of the wrong branch. */
    @TestFactory
    Stream<DynamicTest> call_whereItsGuardFailsInPython_isRefused() {
        List<DynamicTest> tests = Pt2ProgramsTest.programs(
                        Fixtures.path("pt2"), Pt2Fixtures::path, Pt2GuardsTest::checkRefused)
                .toList();
        return tests.stream();
    }

    private static void checkRefused(JsonNode program, Path file) throws IOException {
        if (!program.has("refused")) {
            return;
        }
        try (Model model = Model.open(file, TORCH)) {
            for (JsonNode refused : program.get("refused")) {
                List<Value> arguments = new ArrayList<>();
                refused.get("args").forEach(argument -> arguments.add(RecordedValue.read(argument)));
                String guard = refused.get("error").asString().replace("Guard failed: ", "");

                assertThatThrownBy(() -> model.forward(arguments.toArray(Value[]::new)))
                        .isInstanceOf(InvalidInputException.class)
                        .satisfies(
                                e -> assertThat(String.valueOf(e.getMessage()).replaceAll("[()]", ""))
                                        .contains(guard.replaceAll("[()]", "")));
                arguments.forEach(Value::close);
            }
        }
    }

    @Test
    void bind_whereAGuardFails_isRefused() throws IOException {
        try (Model model = Model.open(Pt2Fixtures.path("decided.default.pt2"), TORCH);
                Tensor five = Tensor.of(new float[20], 5, 4);
                Tensor three = Tensor.of(new float[12], 3, 4);
                Tensor output = Tensor.of(new float[4], 4)) {
            assertThatThrownBy(() -> model.bind(List.of(five, three), List.of(output)))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("x.size()[0] % 2")
                    .hasMessageContaining("x.size()[0] is 5;");
        }
    }

    /** One that could not be read would be warned of, and never checked. */
    @TestFactory
    Stream<DynamicTest> guardsOfAllFixtures_areRead() {
        return Pt2ProgramsTest.programs(
                Fixtures.path("pt2"),
                Pt2Fixtures::path,
                (program, file) -> assertThat(unread(file)).isEmpty());
    }

    private static List<String> unread(Path file) throws IOException {
        try (Pt2Archive archive = Pt2Archive.open(file)) {
            Map<String, ExportedProgram> programs = new LinkedHashMap<>();
            for (String name : archive.programs()) {
                programs.put(name, archive.program(name));
            }
            return LoweredPrograms.of(archive, programs).methods().values().stream()
                    .flatMap(method -> method.unread().stream())
                    .toList();
        }
    }
}
