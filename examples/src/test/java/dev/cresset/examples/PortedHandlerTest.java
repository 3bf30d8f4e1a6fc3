package dev.cresset.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cresset.InvalidInputException;
import dev.cresset.ModelLoadException;
import dev.cresset.Predictor;
import dev.cresset.mar.ModelArchive;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The ported handler answers as its Python original does in a real TorchServe; the guide shows the code that runs here. */
class PortedHandlerTest {

    private static final Path MNIST = Path.of(System.getProperty("cresset.fixtures"), "mnist");
    private static final Path ROOT =
            Path.of(System.getProperty("cresset.fixtures")).resolveSibling("");

    @Test
    void mnistHandler_answersWhatTorchServeAnswered() throws IOException {
        JsonNode answers =
                new JsonMapper().readTree(MNIST.resolve("torchserve.json")).get("answers");
        try (ModelArchive archive = ModelArchive.open(MNIST.resolve("mnist.mar"));
                Predictor<byte[], String> predictor = Predictor.open(archive, new MnistHandler())) {
            for (Map.Entry<String, JsonNode> recorded : answers.properties()) {
                byte[] picture = Files.readAllBytes(MNIST.resolve("images").resolve(recorded.getKey()));
                assertThat(predictor.predict(picture))
                        .as(recorded.getKey())
                        .isEqualTo(recorded.getValue().asString());
            }
        }
        assertThat(answers.size()).isEqualTo(60);
    }

    @Test
    void mnistHandler_whatIsNoPicture_isRefused() throws IOException {
        try (ModelArchive archive = ModelArchive.open(MNIST.resolve("mnist.mar"));
                Predictor<byte[], String> predictor = Predictor.open(archive, new MnistHandler())) {
            assertThatThrownBy(() -> predictor.predict(new byte[3])).isInstanceOf(InvalidInputException.class);
        }
    }

    @Test
    void open_withoutThePort_saysHowToRegisterIt() throws IOException {
        try (ModelArchive archive = ModelArchive.open(MNIST.resolve("mnist.mar"))) {
            assertThatThrownBy(() -> Predictor.open(archive))
                    .isInstanceOf(ModelLoadException.class)
                    .hasMessageStartingWith("mnist.mar: its handler 'mnist_handler.py' is a Python file")
                    .hasMessageContaining("Handlers.register(\"mnist_handler.py\", archive -> new MyHandler());");
        }
    }

    @Test
    void guide_showsTheCodeThatIsHere() throws IOException {
        String examples = Files.readString(
                        ROOT.resolve("examples/src/main/java/dev/cresset/examples/MnistHandler.java"))
                + Files.readString(ROOT.resolve("examples/src/main/java/dev/cresset/examples/PortedHandler.java"))
                + Files.readString(ROOT.resolve("examples/src/test/java/dev/cresset/examples/GuidesTest.java"));
        String python = Files.readString(ROOT.resolve("fixtures/python/handlers/mnist_handler.py"));
        Matcher snippets = Pattern.compile("```(java|python)\n(.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(ROOT.resolve("docs/porting-a-handler.md")));
        int found = 0;
        while (snippets.find()) {
            String source = snippets.group(1).equals("java") ? examples : python;
            assertThat(source.replaceAll("\\s+", "")).contains(snippets.group(2).replaceAll("\\s+", ""));
            found++;
        }
        assertThat(found).isEqualTo(6);
    }
}
