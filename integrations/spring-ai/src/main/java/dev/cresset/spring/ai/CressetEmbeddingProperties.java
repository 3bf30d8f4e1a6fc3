package dev.cresset.spring.ai;

import dev.cresset.Batching;
import dev.cresset.ModelOptions;
import dev.cresset.Predictor;
import dev.cresset.WhenFull;
import dev.cresset.text.Pooling;
import dev.cresset.text.SentenceEncoder;
import dev.cresset.text.TextOptions;
import dev.cresset.text.Truncation;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.document.MetadataMode;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The properties of the embedding model, {@code spring.ai.embedding.cresset.*}. What is not set is as the model's own files say,
 * or as {@link SentenceEncoder} has it.
 *
 * @param model the model: an archive, a file with tokenizer.json beside it, or a folder of both. Must be set.
 * @param tokenizer where tokenizer.json is, the file or its folder, if neither in the archive nor beside the model
 * @param modelName what the model is called in responses and observations
 * @param metadataMode what of a document's metadata is embedded with its text
 * @param pooling how the vectors of tokens become one vector
 * @param normalize whether vectors get the length 1
 * @param dimensions how many numbers of a vector are kept, the first ones (Matryoshka)
 * @param maxLength the most tokens of a text, those that the tokenizer adds included
 * @param truncation what becomes of longer texts
 * @param queryPrefix what is put before a text that is searched with
 * @param documentPrefix what is put before a document
 * @param workers how many native calls run at once; one to each physical core, unless set
 * @param intraOpThreads how many threads one native call may use; 1, unless set
 * @param engine the engine to use, if not the best one that is there
 * @param batchSize the most texts in a batch
 * @param queueSize how many texts may wait
 * @param whenFull what becomes of a text that finds the queue full
 * @param deadline how long a request may take; for ever, unless set
 */
@ConfigurationProperties("spring.ai.embedding.cresset")
public record CressetEmbeddingProperties(
        @Nullable Path model,
        @Nullable Path tokenizer,
        @Nullable String modelName,
        @DefaultValue("none") MetadataMode metadataMode,
        @Nullable Pooling pooling,
        @Nullable Boolean normalize,
        @Nullable Integer dimensions,
        @Nullable Integer maxLength,
        @Nullable Truncation truncation,
        @Nullable String queryPrefix,
        @Nullable String documentPrefix,
        @Nullable Integer workers,
        @Nullable Integer intraOpThreads,
        @Nullable String engine,
        @DefaultValue("32") int batchSize,
        @DefaultValue("256") int queueSize,
        @DefaultValue("block") WhenFull whenFull,
        @Nullable Duration deadline) {

    /** What opens the encoder that is described. */
    SentenceEncoder.Builder encoder(Path file) {
        SentenceEncoder.Builder builder =
                SentenceEncoder.builder(file).options(options()).serving(this::serve);
        if (tokenizer != null) {
            builder.tokenizer(tokenizer);
        }
        if (modelName != null) {
            builder.modelName(modelName);
        }
        return builder;
    }

    private TextOptions options() {
        TextOptions.Builder options = TextOptions.builder();
        if (pooling != null) {
            options.pooling(pooling);
        }
        if (normalize != null) {
            options.normalize(normalize);
        }
        if (dimensions != null) {
            options.truncateDim(dimensions);
        }
        if (maxLength != null) {
            options.maxLength(maxLength);
        }
        if (truncation != null) {
            options.truncation(truncation);
        }
        if (queryPrefix != null) {
            options.queryPrefix(queryPrefix);
        }
        if (documentPrefix != null) {
            options.documentPrefix(documentPrefix);
        }
        return options.build();
    }

    private void serve(Predictor.Builder<?, ?> serving) {
        serving.batching(Batching.upTo(batchSize)).queue(queueSize, whenFull);
        if (workers != null) {
            serving.workers(workers);
        }
        if (deadline != null) {
            serving.deadline(deadline);
        }
        ModelOptions.Builder options = ModelOptions.builder();
        if (intraOpThreads != null) {
            options.intraOpThreads(intraOpThreads);
        }
        if (engine != null) {
            options.engine(engine);
        }
        serving.modelOptions(options.build());
    }
}
