package dev.cresset.spring.ai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.cresset.ClosedException;
import dev.cresset.text.SentenceEncoder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.springframework.ai.embedding.EmbeddingModel;
import org.springframework.ai.model.transformers.autoconfigure.TransformersEmbeddingModelAutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** Properties alone put Cresset in the place of Spring AI's own model in the process. */
class CressetEmbeddingAutoConfigurationTest {

    /** With the auto-configuration that Spring AI's starter {@code transformers} brings. */
    private final ApplicationContextRunner application = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(
                    CressetEmbeddingAutoConfiguration.class, TransformersEmbeddingModelAutoConfiguration.class));

    private final ApplicationContextRunner chosen = application.withPropertyValues(
            "spring.ai.model.embedding=cresset", "spring.ai.embedding.cresset.model=" + Fixtures.ENCODER);

    @Test
    void properties_makeItTheOneEmbeddingModel() {
        AtomicReference<SentenceEncoder> encoder = new AtomicReference<>();
        chosen.run(context -> {
            assertThat(context).hasSingleBean(EmbeddingModel.class);
            EmbeddingModel model = context.getBean(EmbeddingModel.class);
            assertThat(model).isInstanceOf(CressetEmbeddingModel.class);
            assertThat(model.embed(Fixtures.TEXTS.get(1)))
                    .containsExactly(
                            Fixtures.floats(Fixtures.RECORDED.get("queries").get(1)), within(1e-5f));
            encoder.set(context.getBean(SentenceEncoder.class));
        });
        // The context closed what it had opened.
        SentenceEncoder closed = Objects.requireNonNull(encoder.get());
        assertThatThrownBy(() -> closed.encode("late")).isInstanceOf(ClosedException.class);
    }

    @Test
    void options_reachTheModel() {
        chosen.withPropertyValues(
                        "spring.ai.embedding.cresset.model-name=small",
                        "spring.ai.embedding.cresset.dimensions=16",
                        "spring.ai.embedding.cresset.pooling=mean",
                        "spring.ai.embedding.cresset.normalize=true",
                        "spring.ai.embedding.cresset.query-prefix=",
                        "spring.ai.embedding.cresset.max-length=10",
                        "spring.ai.embedding.cresset.workers=1",
                        "spring.ai.embedding.cresset.intra-op-threads=1",
                        "spring.ai.embedding.cresset.deadline=30s",
                        "spring.ai.embedding.cresset.when-full=reject")
                .run(context -> {
                    CressetEmbeddingModel model = context.getBean(CressetEmbeddingModel.class);
                    assertThat(model.encoder().modelName()).isEqualTo("small");
                    assertThat(model.encoder().maxLength()).hasValue(10);
                    assertThat(model.embed("a"))
                            .containsExactly(
                                    Fixtures.floats(
                                            Fixtures.RECORDED.get("truncated").get(0)),
                                    within(1e-5f));
                });
    }

    @Test
    void otherModelChosen_nothingIsOpened() {
        application
                .withPropertyValues("spring.ai.model.embedding=openai")
                .run(context -> assertThat(context).doesNotHaveBean(EmbeddingModel.class));
    }

    @Test
    void noPath_saysWhichPropertyIsMissing() {
        application
                .withPropertyValues("spring.ai.model.embedding=cresset")
                .run(context ->
                        assertThat(context).getFailure().hasStackTraceContaining("spring.ai.embedding.cresset.model"));
    }

    @Test
    void noSuchModel_saysWhere() {
        application
                .withPropertyValues(
                        "spring.ai.model.embedding=cresset", "spring.ai.embedding.cresset.model=/nowhere/model.pt2")
                .run(context -> assertThat(context)
                        .getFailure()
                        .hasStackTraceContaining("/nowhere/model.pt2: there is no such file or folder"));
    }

    @Test
    void encoderOfTheApplication_isTaken_andLeftOpenToIt() {
        chosen.withBean("own", SentenceEncoder.class, () -> {
                    try {
                        return SentenceEncoder.builder(Fixtures.ENCODER)
                                .modelName("own")
                                .open();
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                })
                .run(context -> {
                    assertThat(context).hasSingleBean(SentenceEncoder.class);
                    assertThat(context.getBean(CressetEmbeddingModel.class)
                                    .encoder()
                                    .modelName())
                            .isEqualTo("own");
                });
    }
}
