package dev.cresset.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cresset.Model;
import dev.cresset.ModelLoadException;
import dev.cresset.mar.ModelArchive;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Weights in files beside a model: found in its folder or its archive, and nowhere else. */
class ExternalDataTest {

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @Test
    void open_alone_findsThemBesideIt() throws IOException {
        try (Model model = Fixtures.open("external")) {
            assertAnswers(model);
        }
    }

    @Test
    void open_ofAnArchive_findsThemInIt_andLeavesNothingBehind() throws IOException {
        List<Path> before = temporary();
        try (ModelArchive archive = archive(Map.of(
                        "m.onnx", Files.readAllBytes(Fixtures.onnx("external.onnx")),
                        "external.data", Files.readAllBytes(Fixtures.onnx("external.data"))));
                Model model = Model.open(archive)) {
            assertThat(temporary()).containsExactlyElementsOf(before);
            assertAnswers(model);
        }
    }

    @Test
    void open_ofAnArchiveWithoutThem_saysWhichFileIsMissing() throws IOException {
        try (ModelArchive archive = archive(Map.of("m.onnx", Files.readAllBytes(Fixtures.onnx("external.onnx"))))) {
            assertThatThrownBy(() -> Model.open(archive))
                    .isInstanceOf(ModelLoadException.class)
                    .hasMessageContainingAll("m.mar", "'external.data'", "not in the archive", "--extra-files");
        }
    }

    @TestFactory
    Stream<DynamicTest> open_ofAModelThatNamesAFileElsewhere_isRefusedBeforeAnEngineSeesIt() throws IOException {
        JsonNode models = JsonMapper.shared().readTree(Fixtures.onnx("refused.json"));
        Files.write(folder.resolve("secret"), new byte[16]);
        Path inner = Files.createDirectory(folder.resolve("inner"));
        List<DynamicTest> tests = new ArrayList<>();
        models.forEachEntry((name, base64) -> tests.add(DynamicTest.dynamicTest(name, () -> {
            Path file = Files.write(inner.resolve("m.onnx"), Base64.getDecoder().decode(base64.asString()));
            assertThatThrownBy(() -> Model.open(file))
                    .isInstanceOf(ModelLoadException.class)
                    .message()
                    .startsWith("cannot load m.onnx: ")
                    .containsAnyOf("not one in its own folder", "'missing.data', which is not beside it");
            try (ModelArchive archive = archive(Map.of("m.onnx", Files.readAllBytes(file)))) {
                assertThatThrownBy(() -> Model.open(archive))
                        .isInstanceOf(ModelLoadException.class)
                        .message()
                        .containsAnyOf("not one in its own folder", "'missing.data', which is not in the archive");
            }
        })));
        assertThat(tests).hasSizeGreaterThan(10);
        return tests.stream();
    }

    @Test
    void open_ofNonsenseThatBeginsLikeAModel_isRefused() {
        assertThatThrownBy(() -> Fixtures.open("nonsense"))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("nonsense.onnx");
    }

    @Test
    void open_ofACutModel_isRefused() throws IOException {
        byte[] model = Files.readAllBytes(Fixtures.onnx("mlp-16-32-32-4.onnx"));
        for (int length = 1; length < model.length; length += 97) {
            Path file = Files.write(folder.resolve("cut.onnx"), Arrays.copyOf(model, length));
            assertThatThrownBy(() -> Model.open(file))
                    .as("%d bytes", length)
                    .isInstanceOf(ModelLoadException.class)
                    .hasMessageStartingWith("cannot load cut.onnx: ");
        }
    }

    private static void assertAnswers(Model model) {
        try (Tensor x = Tensor.of(new float[] {10, 10, 10, 10}, 4);
                Value y = model.forward(x)) {
            assertThat(y.asTensor().toFloatArray()).containsExactly(10, 11, 12, 13);
        }
    }

    private static List<Path> temporary() throws IOException {
        try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            return files.filter(file -> file.getFileName().toString().startsWith("cresset"))
                    .filter(file -> Files.exists(file.resolve("cresset-model")))
                    .toList();
        }
    }

    private ModelArchive archive(Map<String, byte[]> entries) throws IOException {
        Path file = folder.resolve("m.mar");
        try (OutputStream out = Files.newOutputStream(file);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            Map<String, byte[]> all = new TreeMap<>(entries);
            all.put("MAR-INF/MANIFEST.json", """
                    {"runtime": "python", "model": {"modelName": "m", "modelVersion": "1.0",
                     "serializedFile": "m.onnx", "handler": "base_handler"}}""".getBytes(StandardCharsets.UTF_8));
            for (Map.Entry<String, byte[]> entry : all.entrySet()) {
                zip.putNextEntry(new ZipEntry(entry.getKey()));
                zip.write(entry.getValue());
            }
        }
        return ModelArchive.open(file);
    }
}
