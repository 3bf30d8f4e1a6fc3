package dev.cresset.torch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.Model;
import dev.cresset.ModelOptions;
import dev.cresset.engine.EngineModel;
import dev.cresset.engine.LoadOptions;
import dev.cresset.engine.ModelSource;
import dev.cresset.engine.Optimization;
import dev.cresset.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** Calls that need not end with numbers that nobody sent: {@code fixtures/endings}. */
@EnabledOnOs(value = OS.LINUX, architectures = "amd64")
class EndingsTest {

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @TestFactory
    Stream<DynamicTest> mayNotEnd_whereNumbersDecideIt() {
        return Stream.of(true, false)
                .flatMap(expected -> recorded(expected ? "may not end" : "ends")
                        .map(name -> DynamicTest.dynamicTest(name, () -> {
                            try (EngineModel model = load(name)) {
                                assertThat(model.mayNotEnd()).isEqualTo(expected);
                            }
                        })));
    }

    private static Stream<String> recorded(String what) {
        return StreamSupport.stream(
                        new JsonMapper()
                                .readTree(Fixtures.path("endings/endings.json"))
                                .get(what)
                                .spliterator(),
                        /* parallel= */ false)
                .map(name -> name.asString());
    }

    private static EngineModel load(String name) {
        ModelSource source = new ModelSource.InFile(name, Fixtures.path("endings/" + name + ".pt"));
        return new BridgeProvider().open().load(source, new LoadOptions(1, /* freeze= */ true));
    }

    /** Square roots until they have converged. NaN never does, and tuning once tried that on whatever won. */
    static final class Opens {
        public static void main(String[] args) throws InterruptedException {
            Thread opening = new Thread(Opens::open);
            opening.setDaemon(true);
            opening.start();
            opening.join(TimeUnit.MINUTES.toMillis(1));
            Runtime.getRuntime().halt(opening.isAlive() ? 3 : 0);
        }

        private static void open() {
            try (Tensor x = Tensor.of(new float[] {4, 9}, 2);
                    Model model = Model.open(
                            Fixtures.path("endings/until-converged.pt"),
                            ModelOptions.builder()
                                    .engine("torch")
                                    .exampleInputs(x)
                                    .build())) {
                System.out.println(
                        model.plan().optimization() + " " + model.plan().reason());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    @Test
    void open_whileTuning_neverWaitsForNanToConverge() throws Exception {
        ChildJvm child = ChildJvm.run(Opens.class, ChildJvm::withoutFake, folder, "-Dcresset.cache=off");
        assertThat(child.exitCode()).as(child.output()).isZero();
        assertThat(child.output())
                .contains(Optimization.FROZEN.toString())
                .contains("not tried on odd numbers, with which a call might never end");
    }
}
