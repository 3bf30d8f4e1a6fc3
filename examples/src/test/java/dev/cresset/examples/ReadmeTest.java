package dev.cresset.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.Batching;
import dev.cresset.BoundCall;
import dev.cresset.Handlers;
import dev.cresset.Model;
import dev.cresset.ModelOptions;
import dev.cresset.Predictor;
import dev.cresset.WhenFull;
import dev.cresset.handler.TensorHandler;
import dev.cresset.mar.ModelArchive;
import dev.cresset.registry.ModelRegistry;
import dev.cresset.registry.Prediction;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.TensorSpec;
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The README's Java is in this file, but for where its files lie, and runs. */
class ReadmeTest {

    private static final Path FIXTURES = Path.of(System.getProperty("cresset.fixtures"));

    @Test
    void everySnippetOfTheReadme_isInThisFile() throws IOException {
        Path root = FIXTURES.resolveSibling("README.md");
        Path self = FIXTURES.resolveSibling("examples/src/test/java/dev/cresset/examples/ReadmeTest.java");
        String here = normalised(Files.readString(self));
        Matcher snippets = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(Files.readString(root));
        int found = 0;
        while (snippets.find()) {
            assertThat(here).contains(normalised(snippets.group(1)));
            found++;
        }
        assertThat(found).isEqualTo(8);
    }

    /** Without comments and white space, and whatever path a file has. */
    private static String normalised(String java) {
        return java.replaceAll("//.*", "")
                .replaceAll("FIXTURES\\.resolve\\(\"[^\"]*\"\\)", "PATH")
                .replaceAll("Path\\.of\\(\"[^\"]*\"\\)", "PATH")
                .replaceAll("\\s+", "");
    }

    @Test
    void first() throws IOException {
        try (ModelArchive archive = ModelArchive.open(FIXTURES.resolve("digits/digits.mar"));
                Predictor<byte[], String> predictor = Predictor.open(archive)) {
            System.out.println(predictor.predict(Files.readAllBytes(FIXTURES.resolve("digits/images/0034-six.png"))));
        }
    }

    @Test
    void model() throws IOException {
        try (Model model = Model.open(FIXTURES.resolve("modules/contract.pt"));
                Tensor x = Tensor.of(new float[] {1, 2, 3}, 1, 3);
                Value y = model.forward(x)) {
            System.out.println(Arrays.toString(y.asTensor().toFloatArray()));
        }
    }

    @Test
    void predictor() throws IOException {
        float[] features = new float[30];
        try (Predictor<float[], float[]> predictor =
                Predictor.open(FIXTURES.resolve("risk/risk.pt"), TensorHandler.ofFloats(30))) {
            float risk = predictor.predict(features)[0];
            assertThat(risk).isBetween(0f, 1f);
            assertThat(predictor.plan().toString()).doesNotContain("nothing to try");
        }
    }

    @Test
    void manyCallers() throws IOException {
        float[] features = new float[30];
        try (ModelArchive archive = ModelArchive.open(FIXTURES.resolve("risk/risk.mar"))) {
            try (Predictor<float[], float[]> scores = Predictor.builder(archive, TensorHandler.ofFloats(30))
                    .batching(Batching.upTo(64))
                    .queue(1_000, WhenFull.REJECT)
                    .open()) {
                CompletableFuture<Void> decided =
                        scores.predictAsync(features, Duration.ofSeconds(2)).thenAccept(risk -> decide(risk[0]));
                decided.join();
            }
        }
        assertThat(risk).isBetween(0f, 1f);
    }

    private float risk = -1;

    private void decide(float score) {
        risk = score;
    }

    @Test
    void handler() throws IOException {
        Handlers.Registration ported = Handlers.register("mnist_handler.py", archive -> new MnistHandler());
        try (ModelArchive archive = ModelArchive.open(FIXTURES.resolve("mnist/mnist.mar"));
                Predictor<byte[], String> predictor = Predictor.open(archive)) {
            assertThat(predictor.plan()).isNotNull();
        } finally {
            ported.close();
        }
    }

    @Test
    void registry() throws IOException {
        byte[] png = Files.readAllBytes(FIXTURES.resolve("digits/images/0034-six.png"));
        try (ModelRegistry<byte[], String> models = ModelRegistry.open()) {
            models.register(FIXTURES.resolve("digits/digits.mar"));
            Prediction<String> answer = models.predict("digits", png);
            models.update(FIXTURES.resolve("digits/digits.mar"));
            assertThat(answer.value()).contains("six");
        }
    }

    @Test
    void tuned() throws IOException {
        ModelOptions options = ModelOptions.builder()
                .inputs(TensorSpec.of(DataType.FLOAT32, TensorSpec.ANY, 16))
                .build();
        try (Model model = Model.open(FIXTURES.resolve("risk/mlp-16-32-32-4.pt"), options)) {
            System.out.println(model.plan());
        }
    }

    @Test
    void bound() throws IOException {
        float[] features = new float[16];
        try (Model model = Model.open(FIXTURES.resolve("risk/mlp-16-32-32-4.pt"));
                Tensor input = Tensor.allocate(DataType.FLOAT32, 1, 16);
                Tensor output = Tensor.allocate(DataType.FLOAT32, 1, 4)) {
            try (BoundCall call = model.bind(List.of(input), List.of(output))) {
                input.asFloatBuffer().put(0, features);
                call.run();
            }
            assertThat(output.toFloatArray()).isNotEqualTo(new float[4]);
        }
    }
}
