package dev.cresset.spring.boot;

import static dev.cresset.spring.boot.Fixtures.application;
import static dev.cresset.spring.boot.Fixtures.fixture;
import static dev.cresset.spring.boot.Fixtures.risk;
import static dev.cresset.spring.boot.Fixtures.withRisk;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cresset.Answer;
import dev.cresset.DeadlineExceededException;
import dev.cresset.DeviceUnavailableException;
import dev.cresset.Handler;
import dev.cresset.Inputs;
import dev.cresset.InvalidInputException;
import dev.cresset.Plan;
import dev.cresset.Predictor;
import dev.cresset.engine.Device;
import dev.cresset.engine.Optimization;
import dev.cresset.handler.Classification;
import dev.cresset.handler.ImageClassifier;
import dev.cresset.handler.ImageOptions;
import dev.cresset.handler.TensorHandler;
import dev.cresset.tensor.DataType;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.ResolvableType;

/** Models of the properties as beans: how they are asked for, and what properties, handlers and customizers make of them. */
class PredictorBeansTest {

    private static final float[] ROW = new float[30];

    /** What an application writes: constructor injection, by name and by type. */
    record Scores(
            @Qualifier("risk") Predictor<float[], float[]> byQualifier,
            Predictor<float[], float[]> risk,
            Predictor<byte[], String> byType,
            Map<String, Predictor<float[], float[]>> rows) {}

    @Test
    void predictors_areInjectedByNameAndByType() {
        withRisk()
                .withPropertyValues(risk("other"))
                .withPropertyValues("cresset.models.digits.path=" + fixture("digits/digits.mar"))
                .withPropertyValues("cresset.models.digits.optimization=frozen")
                .withBean(Scores.class)
                .run(context -> {
                    assertThat(context).hasNotFailed();
                    Scores scores = context.getBean(Scores.class);
                    assertThat(scores.byQualifier()).isSameAs(context.getBean("risk"));
                    assertThat(scores.risk()).isSameAs(scores.byQualifier());
                    assertThat(scores.byType()).isSameAs(context.getBean("digits"));
                    assertThat(scores.rows()).containsOnlyKeys("risk", "other");
                    assertThat(scores.risk().predict(ROW)).hasSize(1);
                    assertThat(scores.byType().predict(Files.readAllBytes(fixture("digits/images/0034-six.png"))))
                            .contains("\"six\": 0.9");
                });
    }

    @Test
    void properties_areThoseOfThePredictor() {
        withRisk()
                .withPropertyValues(
                        "cresset.models.risk.optimization=as-is",
                        "cresset.models.risk.batching.max-size=8",
                        "cresset.models.risk.batching.max-delay=250us",
                        "cresset.models.risk.deadline=1ns")
                .run(context -> {
                    Predictor<float[], float[]> risk = predictor(context.getBean("risk"));
                    assertThat(risk.plan().optimization()).isEqualTo(Optimization.AS_IS);
                    assertThat(risk.batching().maxDelay()).isEqualTo(Duration.ofNanos(250_000));
                    assertThat(risk.batching().maxSize()).isBetween(2, 8);
                    assertThatThrownBy(() -> risk.predict(ROW)).isInstanceOf(DeadlineExceededException.class);
                    assertThatThrownBy(() -> risk.predict(new float[29], Duration.ofSeconds(60)))
                            .isInstanceOf(InvalidInputException.class)
                            .hasMessageContaining("the row has 29 numbers, the model takes 30");
                });
    }

    @Test
    void devices_areWhereTheModelComputes() {
        withRisk()
                .withPropertyValues("cresset.models.risk.devices=cpu")
                .run(context ->
                        assertThat(predictor(context.getBean("risk")).devices()).containsExactly(Device.cpu()));
    }

    @Test
    void devices_thatAreNotThere_areSaidOfTheProperty() {
        withRisk()
                .withPropertyValues("cresset.models.risk.devices=cpu,cuda:99")
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .isInstanceOf(DeviceUnavailableException.class)
                        .hasMessageContaining("cuda:99"));
    }

    @Test
    void firstCallTuning_isWhenTheFastestWayIsLookedFor() {
        application()
                .withPropertyValues(
                        "cresset.models.risk.path=" + fixture("risk/risk.pt"),
                        "cresset.models.risk.handler=floats",
                        "cresset.models.risk.tuning-budget=50ms",
                        "cresset.models.risk.first-call-tuning=at-the-call")
                .run(context -> {
                    Predictor<float[], float[]> risk = predictor(context.getBean("risk"));
                    assertThat(risk.plan().origin()).isEqualTo(Plan.Origin.NOT_TUNED);
                    risk.predict(ROW);
                    assertThat(risk.plan().origin()).isNotEqualTo(Plan.Origin.NOT_TUNED);
                });
    }

    @SuppressWarnings("unchecked")
    private static Predictor<float[], float[]> predictor(Object bean) {
        return (Predictor<float[], float[]>) bean;
    }

    @Configuration(proxyBeanMethods = false)
    static class OwnHandlers {
        @Bean
        Handler<float[], Float> firstScore() {
            Handler<float[], float[]> rows = TensorHandler.ofFloats(30);
            return (row, inputs) -> {
                Answer<float[]> answer = rows.preprocess(row, inputs);
                return output -> answer.postprocess(output)[0];
            };
        }

        @Bean
        HandlerFactory<byte[], List<Classification>> topThree() {
            return archive ->
                    ImageClassifier.of(archive, ImageOptions.builder().topK(3).build());
        }
    }

    record Typed(Predictor<float[], Float> score, Predictor<byte[], List<Classification>> top) {}

    @Test
    void handlerBeans_sayWhatThePredictorTakesAndAnswers() {
        application()
                .withUserConfiguration(OwnHandlers.class)
                .withPropertyValues(
                        "cresset.models.a.path=" + fixture("risk/risk.pt"),
                        "cresset.models.a.handler=firstScore",
                        "cresset.models.a.optimization=frozen",
                        "cresset.models.b.path=" + fixture("digits/digits.mar"),
                        "cresset.models.b.handler=topThree",
                        "cresset.models.b.optimization=frozen")
                .withBean(Typed.class)
                .run(context -> {
                    assertThat(context).hasNotFailed();
                    Typed typed = context.getBean(Typed.class);
                    assertThat(typed.score().predict(ROW)).isBetween(0f, 1f);
                    assertThat(typed.top().predict(Files.readAllBytes(fixture("digits/images/0034-six.png"))))
                            .hasSize(3)
                            .first()
                            .extracting(Classification::label)
                            .isEqualTo("six");
                });
    }

    /** A handler that Spring makes, with what it needs. */
    static final class Lines implements Handler<String, Float> {
        private final Separator separator;

        Lines(Separator separator) {
            this.separator = separator;
        }

        @Override
        public Answer<Float> preprocess(String line, Inputs inputs) {
            String[] cells = line.strip().split(separator.text(), -1);
            var row = inputs.tensor(DataType.FLOAT32, cells.length).asFloatBuffer();
            for (String cell : cells) {
                row.put(Float.parseFloat(cell));
            }
            return output -> output.asTensor().toFloatArray()[0];
        }
    }

    record Separator(String text) {}

    @Test
    void handlerClass_isMadeWithItsDependencies_andWarmedUpWithText(@TempDir Path folder) throws IOException {
        Path sample = Files.writeString(folder.resolve("row.csv"), "0;".repeat(29) + "0\n");
        application()
                .withBean(Separator.class, () -> new Separator(";"))
                .withPropertyValues(
                        "cresset.models.lines.path=" + fixture("risk/risk.pt"),
                        "cresset.models.lines.handler=" + Lines.class.getName(),
                        "cresset.models.lines.warm-up.samples=" + sample,
                        "cresset.models.lines.optimization=frozen")
                .run(context -> {
                    assertThat(context).hasNotFailed();
                    assertThat(context.getBeanProvider(ResolvableType.forClassWithGenerics(
                                            Predictor.class, String.class, Float.class))
                                    .getObject())
                            .isSameAs(context.getBean("lines"));
                });
    }

    @Test
    void handlerClassOfAnArchive_isMadeOfIt() {
        application()
                .withPropertyValues(
                        "cresset.models.digits.path=" + fixture("digits/digits.mar"),
                        "cresset.models.digits.handler=" + ImageClassifier.class.getName(),
                        "cresset.models.digits.optimization=frozen")
                .withBean(Pictures.class)
                .run(context -> assertThat(context.getBean(Pictures.class)
                                .digits()
                                .predict(Files.readAllBytes(fixture("digits/images/0034-six.png")))
                                .get(0)
                                .label())
                        .isEqualTo("six"));
    }

    record Pictures(Predictor<byte[], List<Classification>> digits) {}

    @Test
    void customizers_haveTheLastWord() {
        withRisk()
                .withBean(
                        ModelOptionsCustomizer.class,
                        () -> (model, options) -> options.optimization(Optimization.AS_IS))
                .withBean(
                        PredictorCustomizer.class, () -> (model, predictor) -> predictor.deadline(Duration.ofNanos(1)))
                .run(context -> {
                    Predictor<float[], float[]> risk = predictor(context.getBean("risk"));
                    assertThat(risk.plan().optimization()).isEqualTo(Optimization.AS_IS);
                    assertThatThrownBy(() -> risk.predict(ROW)).isInstanceOf(DeadlineExceededException.class);
                });
    }

    @Configuration(proxyBeanMethods = false)
    static class OwnPredictor {
        @Bean
        Predictor<float[], float[]> risk() throws IOException {
            return Predictor.open(fixture("risk/risk.pt"), TensorHandler.ofFloats());
        }
    }

    @Test
    void predictorOfTheApplication_takesTheModelsPlace() {
        application()
                .withUserConfiguration(OwnPredictor.class)
                .withPropertyValues(
                        "cresset.models.risk.path=/there/is/no/such/file",
                        "cresset.models.risk.bootstrap-mode=deferred")
                .run(context -> {
                    ConfiguredModel unused = context.getBean(ConfiguredModels.class)
                            .all()
                            .iterator()
                            .next();
                    assertThat(unused.status().state()).isEqualTo(ConfiguredModel.State.NOT_OPENED);
                    assertThat(context).hasNotFailed();
                    assertThat(context).hasSingleBean(Predictor.class);
                });
    }

    @Test
    void modelInsideAJar_isOpened(@TempDir Path folder) throws IOException {
        Path jar = folder.resolve("app.jar");
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
            out.putNextEntry(new JarEntry("models/risk.pt"));
            Files.copy(fixture("risk/risk.pt"), out);
            out.closeEntry();
        }
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {jar.toUri().toURL()}, getClass().getClassLoader())) {
            withRisk()
                    .withClassLoader(loader)
                    .withPropertyValues("cresset.models.risk.path=classpath:models/risk.pt")
                    .run(context -> {
                        assertThat(context).hasNotFailed();
                        assertThat(predictor(context.getBean("risk")).predict(ROW))
                                .hasSize(1);
                    });
        }
    }

    @Test
    void lazyModel_isOpenedWhenItIsAskedFor() {
        withRisk().withPropertyValues("cresset.models.risk.bootstrap-mode=lazy").run(context -> {
            ConfiguredModel model =
                    context.getBean(ConfiguredModels.class).all().iterator().next();
            assertThat(model.status().state()).isEqualTo(ConfiguredModel.State.NOT_OPENED);
            ObjectProvider<Predictor<float[], float[]>> provider = context.getBeanProvider(
                    ResolvableType.forClassWithGenerics(Predictor.class, float[].class, float[].class));
            assertThat(provider.getObject().predict(ROW)).hasSize(1);
            assertThat(model.status().state()).isEqualTo(ConfiguredModel.State.READY);
        });
    }
}
