package dev.cresset.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cresset.Handler;
import dev.cresset.InvalidInputException;
import dev.cresset.Model;
import dev.cresset.Predictor;
import dev.cresset.codecs.InferRequest;
import dev.cresset.codecs.InferResponse;
import dev.cresset.codecs.InferTensor;
import dev.cresset.handler.Envelopes;
import dev.cresset.mar.ModelArchive;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Signature;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.net.URI;
import java.nio.BufferOverflowException;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The Java of the guides: complete files compile as they stand on the page, and shorter pieces are in this file, but for where
 * their files lie, and run. What a page shows of another library ({@code java before}) is left alone.
 */
class GuidesTest {

    private static final Path FIXTURES = Path.of(System.getProperty("cresset.fixtures"));
    private static final Path DOCS = FIXTURES.resolveSibling("docs");

    private static List<String> snippets(String page) throws IOException {
        List<String> found = new ArrayList<>();
        Matcher snippets =
                Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(Files.readString(DOCS.resolve(page)));
        while (snippets.find()) {
            found.add(snippets.group(1));
        }
        return found;
    }

    private static boolean isWhole(String snippet) {
        return snippet.startsWith("package ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "README.md",
                "migrating-from-torchserve.md",
                "migrating-from-djl.md",
                "migrating-from-org-pytorch.md",
                "onnx.md",
                "devices.md",
                "request-forms.md"
            })
    void completeFile_compiles(String page, @TempDir Path classes) throws IOException {
        List<String> files = snippets(page).stream().filter(GuidesTest::isWhole).toList();
        assertThat(files).isNotEmpty();
        for (String file : files) {
            assertThat(complaints(file, classes)).as(file).isEmpty();
        }
    }

    /** What needs no fixture of its own to be right: that it compiles, with what its page takes as given. */
    @ParameterizedTest
    @ValueSource(strings = {"handlers.md", "detection.md", "mar-format.md", "trust.md"})
    void piece_compiles(String page, @TempDir Path classes) throws IOException {
        List<String> pieces = snippets(page);
        assertThat(pieces).isNotEmpty();
        for (String piece : pieces) {
            String file = """
                    package example;

                    import dev.cresset.*;
                    import dev.cresset.handler.*;
                    import dev.cresset.mar.*;
                    import dev.cresset.tensor.*;
                    import java.nio.file.Path;
                    import java.util.List;

                    class Piece {
                        ModelArchive archive;
                        byte[] jpeg;
                        Tensor picture;

                        void run() throws Exception {
                            %s
                        }
                    }
                    """.formatted(piece);
            assertThat(complaints(file, classes)).as(file).isEmpty();
        }
    }

    private static List<String> complaints(String file, Path classes) {
        Matcher name = Pattern.compile("class (\\w+)").matcher(file);
        assertThat(name.find()).isTrue();
        JavaFileObject source =
                new SimpleJavaFileObject(URI.create("memory:/" + name.group(1) + ".java"), JavaFileObject.Kind.SOURCE) {
                    @Override
                    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                        return file;
                    }
                };
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        DiagnosticCollector<JavaFileObject> diagnostics = new DiagnosticCollector<>();
        List<String> options =
                List.of("-proc:none", "-d", classes.toString(), "-cp", System.getProperty("java.class.path"));
        compiler.getTask(null, null, diagnostics, options, null, List.of(source))
                .call();
        return diagnostics.getDiagnostics().stream()
                .filter(found -> found.getKind() == Diagnostic.Kind.ERROR)
                .map(Object::toString)
                .toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"values.md", "codecs.md", "porting-a-handler.md"})
    void shortSnippet_isInThisFileAndRuns(String page) throws IOException {
        Path sources = FIXTURES.resolveSibling("examples/src");
        String here = "";
        for (String name : List.of(
                "test/java/dev/cresset/examples/GuidesTest.java",
                "main/java/dev/cresset/examples/MnistHandler.java",
                "main/java/dev/cresset/examples/PortedHandler.java")) {
            here += normalised(Files.readString(sources.resolve(name)));
        }
        for (String snippet : snippets(page)) {
            assertThat(here).contains(normalised(snippet));
        }
    }

    /** Without comments and white space, and whatever path a file has. */
    private static String normalised(String java) {
        return java.replaceAll("//.*", "")
                .replaceAll("FIXTURES\\.resolve\\(\"[^\"]*\"\\)", "PATH")
                .replaceAll("Path\\.of\\(\"[^\"]*\"\\)", "PATH")
                .replaceAll("\\s+", "");
    }

    @Test
    void dict() throws IOException {
        try (Model model = Model.open(FIXTURES.resolve("modules/structured.pt"));
                Value inputs = Value.dict(Map.of(
                        "a", Tensor.of(new float[] {1, 2}, 2),
                        "b", Tensor.of(new float[] {10, 20}, 2)));
                Value output = model.invoke("named", inputs)) {
            float[] sum = output.asDict().get("sum").asTensor().toFloatArray();
            assertThat(sum).containsExactly(11, 22);
        }
    }

    @Test
    void stateOfTheCaller() throws IOException {
        List<float[]> steps = List.of(new float[] {1, 2}, new float[] {3, 4});
        try (Model model = Model.open(FIXTURES.resolve("modules/structured.pt"))) {
            Tensor state = Tensor.allocate(DataType.FLOAT32, 2);
            for (float[] step : steps) {
                try (Tensor x = Tensor.of(step, 2)) {
                    List<Value> answer = model.forward(Value.tuple(x, state)).asList();
                    try (Tensor scaled = answer.get(0).asTensor()) {
                        System.out.println(Arrays.toString(scaled.toFloatArray()));
                    }
                    state.close();
                    state = answer.get(1).asTensor();
                }
            }
            assertThat(state.toFloatArray()).containsExactly(4, 6);
            state.close();
        }
    }

    @Test
    void stateOfTheModule() throws IOException {
        try (Model voice = Model.open(FIXTURES.resolve("modules/streaming.pt"));
                Tensor sound = Tensor.of(new float[] {0.1f, 0.2f, 0.3f, 0.4f}, 1, 4)) {
            voice.forward(sound, Value.of(16_000)).close();
            voice.forward(sound, Value.of(16_000)).close();
            voice.invoke("reset_states").close();
            boolean stateful = voice.isStateful();
            assertThat(stateful).isTrue();
        }
    }

    @Test
    void signature() throws IOException {
        try (Model model = Model.open(FIXTURES.resolve("modules/structured.pt"))) {
            for (Signature.Method method : model.signature().methods().values()) {
                System.out.println(method.name() + " " + method.parameters() + " -> " + method.result());
            }
            assertThat(model.signature().methods()).containsKeys("forward", "named");
        }
    }

    @Test
    void protocol() throws IOException {
        byte[] request = "{\"inputs\":[{\"name\":\"rows\",\"shape\":[1,30],\"datatype\":\"FP32\",\"data\":%s}]}"
                .formatted(Arrays.toString(new float[30]))
                .getBytes(StandardCharsets.UTF_8);
        try (ModelArchive archive = ModelArchive.open(FIXTURES.resolve("risk/risk.mar"));
                Model model = Model.open(archive)) {
            assertThat(new String(answer(model, request), StandardCharsets.UTF_8))
                    .contains("\"FP32\"");
            Predictor<byte[], String> kserve = Predictor.builder(archive)
                    .envelope(Envelopes.kserveV2(archive))
                    .open();
            kserve.close();
        }
    }

    byte[] answer(Model model, byte[] body) {
        try (InferRequest request = InferRequest.readJson(body)) {
            Value[] inputs = request.inputs().stream().map(InferTensor::tensor).toArray(Value[]::new);
            Tensor scores = model.forward(inputs).asTensor();
            try (InferResponse response = InferResponse.to(request, "risk", InferTensor.of("scores", scores))) {
                return response.toJson();
            }
        }
    }

    @Test
    void handlers() throws IOException {
        Handler<float[], Float> score = (row, inputs) -> {
            inputs.tensor(DataType.FLOAT32, row.length).copyFrom(row);
            return output -> output.asTensor().toFloatArray()[0];
        };
        Handler<String, Float> lines = (line, inputs) -> {
            FloatBuffer row = inputs.tensor(DataType.FLOAT32, 30).asFloatBuffer();
            try {
                for (String cell : line.split(",", -1)) {
                    row.put(Float.parseFloat(cell));
                }
            } catch (NumberFormatException | BufferOverflowException e) {
                throw new InvalidInputException(
                        "the line is not 30 numbers with commas between them: " + e.getMessage(), e);
            }
            if (row.hasRemaining()) {
                throw new InvalidInputException("the line has " + row.position() + " numbers, expected 30");
            }
            return output -> output.asTensor().toFloatArray()[0];
        };
        Path pt = FIXTURES.resolve("risk/risk.pt");
        try (Predictor<float[], Float> rows = Predictor.open(pt, score);
                Predictor<String, Float> texts = Predictor.open(pt, lines)) {
            String zeros = "0,".repeat(29) + "0";
            assertThat(texts.predict(zeros)).isEqualTo(rows.predict(new float[30]));
            assertThatThrownBy(() -> texts.predict("1,x")).isInstanceOf(InvalidInputException.class);
            assertThatThrownBy(() -> texts.predict("1,2"))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("2 numbers, expected 30");
        }
    }
}
