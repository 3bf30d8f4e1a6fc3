package dev.cresset.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cresset.Model;
import dev.cresset.ModelLoadException;
import dev.cresset.ModelOptions;
import dev.cresset.probe.ModelProbe;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** What ONNX Runtime is told beside what core knows. */
class OptionsTest {

    private static final Path MLP = Fixtures.onnx("mlp-16-32-32-4.onnx");

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private static ModelOptions with(OnnxOptions options) {
        return ModelOptions.builder().engineOptions(options).build();
    }

    private static void call(Model model) {
        try (Tensor rows = Tensor.allocate(DataType.FLOAT32, 2, 16)) {
            model.forward(rows).close();
        }
    }

    @Test
    void profile_isWrittenWhenTheModelIsClosed() throws IOException {
        try (Model model = Model.open(
                MLP,
                with(OnnxOptions.builder()
                        .profile(folder.resolve("mlp").toString())
                        .build()))) {
            call(model);
        }
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> profiles = files.toList();
            assertThat(profiles).hasSize(1);
            assertThat(profiles.get(0).getFileName().toString())
                    .startsWith("mlp")
                    .endsWith(".json");
            assertThat(JsonMapper.shared().readTree(profiles.get(0)).toString()).contains("kernel_time");
        }
    }

    @Test
    void graphOptimization_none_keepsTheNodesAsTheyWereSaved() throws IOException {
        assertThat(profiled(OnnxOptions.GraphOptimization.NONE)).contains("Relu");
        assertThat(profiled(OnnxOptions.GraphOptimization.ALL)).doesNotContain("\"op_name\":\"Relu\"");
    }

    private String profiled(OnnxOptions.GraphOptimization level) throws IOException {
        Path own = Files.createDirectory(folder.resolve(level.name()));
        OnnxOptions options = OnnxOptions.builder()
                .graphOptimization(level)
                .profile(own.resolve("p").toString())
                .build();
        try (Model model = Model.open(MLP, with(options))) {
            call(model);
        }
        try (Stream<Path> files = Files.list(own)) {
            return JsonMapper.shared().readTree(files.findFirst().orElseThrow()).toString();
        }
    }

    @Test
    void provider_thatIsNotThere_isNamedWithThoseThatAre() {
        assertThatThrownBy(() -> Model.open(
                        MLP, with(OnnxOptions.builder().provider("cuda:1").build())))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContainingAll("mlp-16-32-32-4.onnx", "'cuda:1'", "[CPU]", "onnxruntime_gpu");
        assertThatThrownBy(() -> Model.open(
                        MLP, with(OnnxOptions.builder().provider("abacus").build())))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("'abacus'");
        assertThatThrownBy(() -> OnnxOptions.builder().provider("cpu,cuda"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void provider_cpu_isThere() throws IOException {
        try (Model model =
                Model.open(MLP, with(OnnxOptions.builder().provider("cpu").build()))) {
            call(model);
        }
    }

    @Test
    void property_holdsWhereTheOptionsSayNothing() throws IOException {
        System.setProperty("cresset.onnx.graphOptimization", "most");
        try {
            assertThatThrownBy(() -> Model.open(MLP))
                    .isInstanceOf(ModelLoadException.class)
                    .hasMessageContaining("cresset.onnx.graphOptimization is 'most', expected none, basic");
            Model.open(
                            MLP,
                            with(OnnxOptions.builder()
                                    .graphOptimization(OnnxOptions.GraphOptimization.BASIC)
                                    .build()))
                    .close();
        } finally {
            System.clearProperty("cresset.onnx.graphOptimization");
        }
    }

    @Test
    void sessionEntry_isHandedOn() {
        assertThatThrownBy(() -> Model.open(
                        MLP,
                        with(OnnxOptions.builder()
                                .sessionEntry("k".repeat(5000), "v")
                                .build())))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("mlp-16-32-32-4.onnx");
    }

    @Test
    void intraOpThreads_ofAnyNumber_answerTheSame() throws IOException {
        float[] expected = scores(1);
        for (int threads : new int[] {2, 3, 64}) {
            assertThat(scores(threads)).usingComparatorWithPrecision(1e-5f).containsExactly(expected);
        }
    }

    private static float[] scores(int threads) throws IOException {
        try (Model model = Model.open(
                        MLP, ModelOptions.builder().intraOpThreads(threads).build());
                Tensor rows = Tensor.of(new float[512 * 16], 512, 16);
                Value scores = model.forward(rows)) {
            return scores.asTensor().toFloatArray();
        }
    }

    @Test
    void probe_takesThemAlong() throws IOException {
        ModelProbe probe = ModelProbe.builder()
                .modelOptions(with(OnnxOptions.builder().provider("abacus").build()))
                .build();
        assertThat(probe.run(MLP).toString()).contains("'abacus'");
        assertThat(ModelProbe.builder().build().run(MLP).toString()).contains("onnx");
    }
}
