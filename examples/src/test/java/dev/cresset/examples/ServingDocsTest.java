package dev.cresset.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.cresset.Batching;
import dev.cresset.Handler;
import dev.cresset.InvalidInputException;
import dev.cresset.ModelOptions;
import dev.cresset.Outcome;
import dev.cresset.Predictor;
import dev.cresset.PredictorMXBean;
import dev.cresset.handler.Classification;
import dev.cresset.handler.ImageClassifier;
import dev.cresset.handler.TensorHandler;
import dev.cresset.mar.ModelArchive;
import dev.cresset.mar.ModelArchiveWriter;
import dev.cresset.probe.ModelProbe;
import dev.cresset.registry.ModelRegistry;
import dev.cresset.registry.Prediction;
import dev.cresset.registry.SharedModels;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.TensorSpec;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.management.JMX;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The Java of the pages about serving is in this file, but for where its files lie, and runs. */
class ServingDocsTest {

    private static final Path FIXTURES = Path.of(System.getProperty("cresset.fixtures"));

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private byte[] png = {};
    private byte[] seven = {};

    @BeforeEach
    void readPictures() throws IOException {
        png = Files.readAllBytes(FIXTURES.resolve("digits/images/0034-six.png"));
        seven = Files.readAllBytes(FIXTURES.resolve("digits/images/0308-seven.png"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"many-callers.md", "serving-many-models.md", "warm-up.md", "metrics.md", "probing.md"})
    void everySnippet_isInThisFile(String page) throws IOException {
        Path self = FIXTURES.resolveSibling("examples/src/test/java/dev/cresset/examples/ServingDocsTest.java");
        String here = normalised(Files.readString(self));
        Matcher snippets = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(FIXTURES.resolveSibling("docs").resolve(page)));
        while (snippets.find()) {
            if (!snippets.group(1)
                    .matches("(?s).*(Predictor|Registry)Meters.*")) { // in the tests of cresset-micrometer
                assertThat(here).contains(normalised(snippets.group(1)));
            }
        }
    }

    /** Without comments and white space, and whatever path a file has. */
    private static String normalised(String java) {
        return java.replaceAll("//.*", "")
                .replaceAll("(FIXTURES|folder)\\.resolve\\(\"[^\"]*\"\\)", "PATH")
                .replaceAll("Path\\.of\\(\"[^\"]*\"\\)", "PATH")
                .replaceAll("\\s+", "");
    }

    private void packSecond() throws IOException {
        try (ModelArchive archive = ModelArchive.open(FIXTURES.resolve("digits/digits.mar"))) {
            archive.extract("digits.pt", folder.resolve("digits.pt"));
            Path packed = ModelArchiveWriter.builder("digits", "2.0", "image_classifier")
                    .serializedFile(folder.resolve("digits.pt"))
                    .extraFile("index_to_name.json", archive.read("index_to_name.json"))
                    .build()
                    .write(Files.createDirectories(folder.resolve("packed")));
            Files.move(packed, folder.resolve("digits-2.mar"));
        }
    }

    @Test
    void asking() throws IOException {
        float[] features = new float[30];
        try (ModelArchive archive = ModelArchive.open(FIXTURES.resolve("risk/risk.mar"));
                Predictor<float[], float[]> predictor = Predictor.open(archive, TensorHandler.ofFloats())) {
            float[] now = predictor.predict(features);
            CompletableFuture<float[]> later = predictor.predictAsync(features);
            CompletableFuture<float[]> soon = predictor.predictAsync(features, Duration.ofMillis(5));

            assertThat(later.join()).containsExactly(now);
            assertThat(soon.handle((answer, late) -> answer == null || Arrays.equals(answer, now))
                            .join())
                    .isTrue();
        }
    }

    @Test
    void askingForMany() throws IOException {
        float[] features = new float[30];
        List<float[]> rows = List.of(features, features);
        try (ModelArchive archive = ModelArchive.open(FIXTURES.resolve("risk/risk.mar"));
                Predictor<float[], float[]> predictor = Predictor.open(archive, TensorHandler.ofFloats(30))) {
            List<float[]> all = predictor.predictAll(rows);
            List<float[]> soonAll = predictor.predictAll(rows, Duration.ofSeconds(5));
            List<Outcome<float[]>> each = predictor.predictEach(rows);
            CompletableFuture<List<float[]>> allLater = predictor.predictAllAsync(rows);

            float[] now = predictor.predict(features);
            // Up to rounding: rows of a batch are added up in another order than one alone.
            assertThat(all).hasSize(2).allSatisfy(answer -> assertThat(answer).containsExactly(now, within(1e-6f)));
            assertThat(soonAll)
                    .hasSize(2)
                    .allSatisfy(answer -> assertThat(answer).containsExactly(now, within(1e-6f)));
            assertThat(each)
                    .hasSize(2)
                    .allSatisfy(one -> assertThat(one.answer()).containsExactly(now, within(1e-6f)));
            assertThat(allLater.join())
                    .hasSize(2)
                    .allSatisfy(answer -> assertThat(answer).containsExactly(now, within(1e-6f)));
            List<Outcome<float[]>> withBadOne = predictor.predictEach(List.of(features, new float[3]));
            assertThat(withBadOne.get(0).answer()).containsExactly(now, within(1e-6f));
            assertThat(withBadOne.get(1).failure()).containsInstanceOf(InvalidInputException.class);
        }
    }

    @Test
    void declaredInputs() throws IOException {
        Handler<float[], float[]> handler = TensorHandler.ofFloats();
        try (ModelArchive archive = ModelArchive.open(FIXTURES.resolve("risk/risk.mar"))) {
            Predictor<float[], float[]> predictor = Predictor.builder(archive, handler)
                    .inputs(TensorSpec.of(DataType.FLOAT32, TensorSpec.ANY, 30))
                    .open();
            assertThatThrownBy(() -> predictor.predict(new float[29]))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("shape [1, 29] (float32), expected [any, 30] (float32)");
            predictor.close();
        }
    }

    @Test
    void batches() throws IOException {
        Handler<float[], float[]> handler = TensorHandler.ofFloats();
        try (ModelArchive archive = ModelArchive.open(FIXTURES.resolve("risk/risk.mar"))) {
            Predictor<float[], float[]> predictor = Predictor.builder(archive, handler)
                    .batching(Batching.upTo(64))
                    .open();
            assertThat(predictor.batching()).isEqualTo(new Batching(64, Duration.ZERO));
            predictor.close();
        }
    }

    @Test
    @SuppressWarnings("UnusedVariable") // as on the page
    void registry() throws IOException {
        packSecond();
        try (ModelRegistry<byte[], String> models = ModelRegistry.open()) {
            models.register(FIXTURES.resolve("digits/digits.mar"));
            Prediction<String> answer = models.predict("digits", png);
            CompletableFuture<Prediction<String>> later = models.predictAsync("digits", png);
            models.update(folder.resolve("digits-2.mar"));
        }
    }

    @Test
    void registryOfAnotherType() throws IOException {
        ModelRegistry<float[], float[]> scores =
                ModelRegistry.open(archive -> Predictor.builder(archive, TensorHandler.ofFloats(30))
                        .deadline(Duration.ofMillis(50))
                        .open());
        try (scores) {
            assertThat(scores.register(FIXTURES.resolve("risk/risk.mar")).model())
                    .isEqualTo("risk");
        }
    }

    @Test
    void probing() throws IOException {
        Files.createDirectory(folder.resolve("models"));
        Files.copy(
                FIXTURES.resolve("digits/digits.mar"), folder.resolve("models").resolve("digits.mar"));
        ModelProbe probe = ModelProbe.builder()
                .memory(2L << 30)
                .timeout(Duration.ofSeconds(60))
                .build();
        ModelProbe.Report report = probe.run(FIXTURES.resolve("digits/digits.mar"));
        if (!report.opens()) {
            System.err.println(report.sentence());
        }
        assertThat(report.opens()).as(report.toString()).isTrue();
        ModelRegistry<byte[], String> models =
                ModelRegistry.builder().probe(probe).open();
        models.follow(folder.resolve("models"));
        try (models) {
            assertThat(models.models()).hasSize(1);
        }
    }

    @Test
    void probingOfRows() throws IOException {
        ModelOptions options = ModelOptions.builder()
                .inputs(TensorSpec.of(DataType.FLOAT32, TensorSpec.ANY, 30))
                .build();
        ModelProbe ofRows =
                ModelProbe.builder().modelOnly().modelOptions(options).build();
        ModelRegistry<float[], float[]> scores = ModelRegistry.builder(
                        archive -> Predictor.builder(archive, TensorHandler.ofFloats())
                                .modelOptions(options)
                                .open())
                .probe(ofRows)
                .open();
        try (scores) {
            assertThat(scores.register(FIXTURES.resolve("risk/risk.mar")).model())
                    .isEqualTo("risk");
        }
    }

    @Test
    void versions() throws IOException {
        packSecond();
        try (ModelRegistry<byte[], String> models = ModelRegistry.open()) {
            models.register(FIXTURES.resolve("digits/digits.mar"));
            models.register(folder.resolve("digits-2.mar"));
            models.predict("digits", "2.0", png);
            models.split("digits", Map.of("1.0", 95, "2.0", 5));
            models.setDefault("digits", "2.0");
            models.unregister("digits", "1.0");
            assertThat(models.predict("digits", png).version()).isEqualTo("2.0");
        }
    }

    @Test
    void following() throws IOException {
        packSecond();
        Files.move(
                folder.resolve("digits-2.mar"),
                Files.createDirectory(folder.resolve("models")).resolve("2.mar"));
        ModelRegistry.Listener alerts = new ModelRegistry.Listener() {};
        ModelRegistry<byte[], String> models =
                ModelRegistry.builder().listener(alerts).open();
        try (models) {
            models.follow(folder.resolve("models"));
            assertThat(models.predict("digits", png).version()).isEqualTo("2.0");
        }
    }

    @Test
    void replacing() throws IOException {
        Path built = FIXTURES.resolve("digits/digits.mar");
        Path part = folder.resolve("digits.mar.part");
        Files.copy(built, part, StandardCopyOption.REPLACE_EXISTING);
        Files.move(part, folder.resolve("digits.mar"), StandardCopyOption.ATOMIC_MOVE);
        try (ModelRegistry<byte[], String> models = ModelRegistry.open()) {
            models.follow(folder);
            assertThat(models.predict("digits", png).version()).isEqualTo("1.0");
        }
    }

    private Predictor<byte[], String> open() throws IOException {
        try (ModelArchive archive = ModelArchive.open(FIXTURES.resolve("digits/digits.mar"))) {
            return Predictor.open(archive);
        }
    }

    @Test
    void sharing() throws Exception {
        SharedModels<String, Predictor<byte[], String>> shared =
                SharedModels.builder().keepIdle(Duration.ofMinutes(10)).build(); // a static final field
        try (SharedModels.Lease<Predictor<byte[], String>> digits = shared.acquire("digits.mar", this::open)) {
            digits.model().predict(png);
        }
        assertThat(shared.keys()).containsExactly("digits.mar");
        shared.closeAll();
    }

    @Test
    void warmUp() throws IOException {
        byte[] cat = png;
        try (ModelArchive archive = ModelArchive.open(FIXTURES.resolve("digits/digits.mar"))) {
            Predictor<byte[], List<Classification>> predictor = Predictor.builder(archive, ImageClassifier.of(archive))
                    .warmUp(cat)
                    .warmUp(seven, answer -> answer.get(0).label().equals("seven"))
                    .open();
            assertThat(predictor.predict(seven).get(0).label()).isEqualTo("seven");
            predictor.close();
        }
    }

    @Test
    void metrics() throws IOException {
        try (ModelArchive archive = ModelArchive.open(FIXTURES.resolve("risk/risk.mar"));
                Predictor<float[], float[]> predictor = Predictor.open(archive, TensorHandler.ofFloats())) {
            ObjectName name = predictor.registerMBean();
            MBeanServer server = ManagementFactory.getPlatformMBeanServer();
            PredictorMXBean counts = JMX.newMXBeanProxy(server, name, PredictorMXBean.class);
            System.out.println(counts.getAnswered() + " answered, 99 of 100 within " + counts.getP99Micros() + " us");
            assertThat(name.getKeyProperty("name")).isEqualTo("\"risk.mar\"");
            assertThat(counts.getAnswered()).isZero();
        }
    }
}
