package dev.cresset.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cresset.Model;
import dev.cresset.ModelLoadException;
import dev.cresset.ModelOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Modules that reach outside the computation, in {@code fixtures/trust}: one for each operator that is refused. */
class TrustTest {

    private static final List<String> ENGINES = List.of("torch", "torch-portable");

    /** They write a file while they are opened: LibTorch compiles, unpickles, and computes what is constant. */
    private static final Set<String> WHILE_OPENED = Set.of("while-loaded.pt", "default.pt", "reads-a-file.pt");

    private static Stream<Map.Entry<String, JsonNode>> modules() {
        return JsonMapper.shared()
                .readTree(Fixtures.path("trust/refused.json").toFile())
                .get("refused")
                .propertyStream();
    }

    private static Model open(String engine, String file, boolean trusted) throws IOException {
        return Model.open(
                Fixtures.path("trust/" + file),
                ModelOptions.builder().engine(engine).trusted(trusted).build());
    }

    @TestFactory
    Stream<DynamicTest> open_ofWhatReachesOutside_namesMethodAndOperator() {
        return ENGINES.stream()
                .flatMap(engine -> modules()
                        .map(module -> DynamicTest.dynamicTest(
                                engine + " " + module.getKey(),
                                () -> assertRefused(engine, module.getKey(), module.getValue()))));
    }

    private static void assertRefused(String engine, String file, JsonNode refused) {
        assertThatThrownBy(() -> open(engine, file, /* trusted= */ false))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageStartingWith("cannot load " + file + ": ")
                .hasMessageMatching(
                        "(?s).*(method |\\.)" + refused.get("method").asString() + " .*")
                .hasMessageContaining(" " + refused.get("operator").asString())
                .hasMessageContaining("ModelOptions.builder().trusted(true)");
    }

    /** What LibTorch lacks, it still says. */
    @Test
    void open_ofATrustedModelWithAnUnknownOperator_namesTheOperator() {
        assertThatThrownBy(() -> open("torch", "unknown.pt", /* trusted= */ true))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("it uses mine::work, which this engine does not have");
    }

    /** In a folder of its own, where the models write. */
    @Test
    void open_runsWhatIsTrusted_andNothingElse(@TempDir Path folder) throws IOException, InterruptedException {
        ChildJvm child = ChildJvm.run(Opener.class, ChildJvm::withoutFake, folder, "-Dcresset.cache=off");

        assertThat(child.exitCode()).as(child.output()).isZero();
    }

    /** Opens all that LibTorch can load, first without trust, then with it. */
    static final class Opener {
        private static final Path WRITTEN = Path.of("OUT");

        public static void main(String[] args) throws IOException {
            List<String> files = modules()
                    .filter(module -> module.getValue().get("loads").asBoolean())
                    .map(Map.Entry::getKey)
                    .toList();
            for (String engine : ENGINES) {
                for (String file : files) {
                    expect(!opens(engine, file, /* trusted= */ false), engine + " opened " + file);
                    expect(!Files.deleteIfExists(WRITTEN), engine + ": " + file + " wrote while it was opened");
                    expect(opens(engine, file, /* trusted= */ true), engine + " refused " + file);
                    expect(
                            Files.deleteIfExists(WRITTEN) || !WHILE_OPENED.contains(file),
                            engine + ": " + file + " did not write while it was opened");
                }
            }
        }

        private static boolean opens(String engine, String file, boolean trusted) throws IOException {
            try (Model model = open(engine, file, trusted)) {
                return model.signature().methods().containsKey("forward");
            } catch (ModelLoadException e) {
                return false;
            }
        }

        private static void expect(boolean holds, String otherwise) {
            if (!holds) {
                throw new AssertionError(otherwise);
            }
        }
    }
}
