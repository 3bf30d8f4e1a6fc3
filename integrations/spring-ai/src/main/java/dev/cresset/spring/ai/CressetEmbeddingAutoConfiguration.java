package dev.cresset.spring.ai;

import dev.cresset.text.SentenceEncoder;
import io.micrometer.observation.ObservationRegistry;
import java.io.IOException;
import java.nio.file.Path;
import org.springframework.ai.embedding.EmbeddingModel;
import org.springframework.ai.embedding.observation.EmbeddingModelObservationConvention;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.context.annotation.Bean;

/**
 * The application's {@link EmbeddingModel} in its own process: with {@code spring.ai.model.embedding=cresset} and {@code
 * spring.ai.embedding.cresset.model=PATH}, instead of the one over ONNX Runtime that Spring AI's starter {@code transformers}
 * brings. An application that has a {@link SentenceEncoder} or an {@link EmbeddingModel} of its own keeps it.
 */
@AutoConfiguration
@ConditionalOnClass({EmbeddingModel.class, SentenceEncoder.class})
@ConditionalOnProperty(name = "spring.ai.model.embedding", havingValue = "cresset")
@EnableConfigurationProperties(CressetEmbeddingProperties.class)
public class CressetEmbeddingAutoConfiguration {

    /** Called by Spring. */
    public CressetEmbeddingAutoConfiguration() {}

    /** The model, opened when the context starts, closed with it. */
    @Bean(destroyMethod = "close")
    @ConditionalOnMissingBean
    SentenceEncoder cressetSentenceEncoder(CressetEmbeddingProperties properties) throws IOException {
        Path model = properties.model();
        if (model == null) {
            throw new InvalidConfigurationPropertyValueException(
                    "spring.ai.embedding.cresset.model",
                    null,
                    "It must be set: to an archive, to a model's file with tokenizer.json beside it, or to a folder of both.");
        }
        return properties.encoder(model).open();
    }

    /** The model under Spring AI's interface. */
    @Bean
    @ConditionalOnMissingBean(EmbeddingModel.class)
    CressetEmbeddingModel cressetEmbeddingModel(
            SentenceEncoder encoder,
            CressetEmbeddingProperties properties,
            ObjectProvider<ObservationRegistry> registry,
            ObjectProvider<EmbeddingModelObservationConvention> convention) {
        CressetEmbeddingModel.Builder builder = CressetEmbeddingModel.builder(encoder)
                .metadataMode(properties.metadataMode())
                .observationRegistry(registry.getIfUnique(() -> ObservationRegistry.NOOP));
        convention.ifAvailable(builder::observationConvention);
        return builder.build();
    }
}
