package dev.cresset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cresset.engine.FakeModule;
import dev.cresset.engine.FakeModules;
import dev.cresset.engine.OpenThings;
import dev.cresset.engine.Optimization;
import dev.cresset.mar.ModelArchive;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.TensorSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** An archive that says how its model is to be computed, so that no start looks for it. */
@ExtendWith(OpenThings.class)
class ArchiveOptimizationTest {

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @BeforeEach
    void putModule() {
        FakeModules.put("tuned", () -> module().optimization(Optimization.DIRECT, ArchiveOptimizationTest::module));
    }

    private static FakeModule module() {
        return new FakeModule()
                .method(
                        "forward",
                        "x: Tensor",
                        "Tensor",
                        a -> a.get(0).asTensor().copy());
    }

    private ModelArchive archive(String way) throws IOException {
        return ModelArchive.open(TestArchives.write(
                folder.resolve("m.mar"),
                TestArchives.manifest(
                        "m", "none", "\"serializedFile\": \"model.pt\", \"configFile\": \"model-config.yaml\""),
                "model.pt",
                "tuned",
                "model-config.yaml",
                "optimization: " + way));
    }

    private static ModelOptions.Builder withSomethingToTry() {
        return ModelOptions.builder().inputs(TensorSpec.of(DataType.FLOAT32, 1, 3));
    }

    @Test
    void options_withTheArchivesWay_keepAllElse() {
        ModelOptions given = withSomethingToTry()
                .engine("fake")
                .intraOpThreads(3)
                .trusted(true)
                .build();
        ModelOptions all = given.orOptimization(Optional.of(Optimization.FROZEN));
        assertThat(all.optimization()).contains(Optimization.FROZEN);
        assertThat(all)
                .usingRecursiveComparison()
                .ignoringFields("optimization", "chosenIn")
                .isEqualTo(given);
    }

    @Test
    void open_takesTheArchivesWay_andTriesNone() throws IOException {
        try (ModelArchive archive = archive("DIRECT");
                Model model = Model.open(archive, withSomethingToTry().build())) {
            assertThat(model.plan()).asString().isEqualTo("DIRECT (chosen in the archive's settings)");
        }
    }

    @Test
    void open_optionsComeFirst() throws IOException {
        try (ModelArchive archive = archive("DIRECT");
                Model model = Model.open(
                        archive,
                        withSomethingToTry().optimization(Optimization.FROZEN).build())) {
            assertThat(model.plan()).asString().isEqualTo("FROZEN (chosen in the options)");
        }
    }

    /** It may end the process: who runs that says so, not who made the archive. */
    @Test
    void open_aWayThatMayGoWrong_isNotTheArchivesToChoose() throws IOException {
        try (ModelArchive archive = archive("FUSED")) {
            assertThatThrownBy(() -> Model.open(archive))
                    .isInstanceOf(ModelLoadException.class)
                    .hasMessageContaining(
                            "m.mar: its settings' optimization is 'FUSED', expected AUTO or one of [AS_IS,");
        }
    }
}
