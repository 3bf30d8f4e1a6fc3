package dev.cresset.spring.ai;

import static java.util.Objects.requireNonNull;

import dev.cresset.text.InputType;
import dev.cresset.text.SentenceEmbedding;
import dev.cresset.text.SentenceEncoder;
import io.micrometer.observation.ObservationRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.metadata.DefaultUsage;
import org.springframework.ai.document.Document;
import org.springframework.ai.document.MetadataMode;
import org.springframework.ai.embedding.BatchingStrategy;
import org.springframework.ai.embedding.DefaultEmbeddingOptions;
import org.springframework.ai.embedding.Embedding;
import org.springframework.ai.embedding.EmbeddingModel;
import org.springframework.ai.embedding.EmbeddingOptions;
import org.springframework.ai.embedding.EmbeddingRequest;
import org.springframework.ai.embedding.EmbeddingResponse;
import org.springframework.ai.embedding.EmbeddingResponseMetadata;
import org.springframework.ai.embedding.observation.DefaultEmbeddingModelObservationConvention;
import org.springframework.ai.embedding.observation.EmbeddingModelObservationContext;
import org.springframework.ai.embedding.observation.EmbeddingModelObservationConvention;
import org.springframework.ai.embedding.observation.EmbeddingModelObservationDocumentation;

/**
 * An embedding model of Spring AI that runs in this process.
 *
 * <p>Texts of one request go to the model together, in batches of equal length; requests of several threads share batches. What is
 * embedded as a {@link Document} gets the prefix of documents, whatever comes as a {@code String} that of queries: so do vector
 * stores, which embed documents when they add them and a text when they are searched. {@link EmbeddingOptions#getDimensions} cuts vectors
 * (Matryoshka); a request for another model is answered by this one, whose name is in the response.
 *
 * <p>The encoder is its owner's to close. Safe for use by several threads: share one.
 */
public final class CressetEmbeddingModel implements EmbeddingModel {

    /** What observations call the provider. */
    static final String PROVIDER = "cresset";

    private static final EmbeddingModelObservationConvention CONVENTION =
            new DefaultEmbeddingModelObservationConvention();

    private final SentenceEncoder encoder;
    private final MetadataMode metadataMode;
    private final ObservationRegistry registry;
    private final @Nullable EmbeddingModelObservationConvention convention;

    private CressetEmbeddingModel(Builder builder) {
        this.encoder = builder.encoder;
        this.metadataMode = builder.metadataMode;
        this.registry = builder.registry;
        this.convention = builder.convention;
    }

    /** Over an encoder, without observations, of documents without their metadata. */
    public static CressetEmbeddingModel of(SentenceEncoder encoder) {
        return builder(encoder).build();
    }

    /** Starts with an encoder, which stays its owner's. */
    public static Builder builder(SentenceEncoder encoder) {
        return new Builder(encoder);
    }

    @Override
    public EmbeddingResponse call(EmbeddingRequest request) {
        return call(request, InputType.QUERY);
    }

    private EmbeddingResponse call(EmbeddingRequest request, InputType type) {
        EmbeddingOptions options = options(request.getOptions());
        EmbeddingRequest whole = new EmbeddingRequest(request.getInstructions(), options);
        EmbeddingModelObservationContext context = EmbeddingModelObservationContext.builder()
                .embeddingRequest(whole)
                .provider(PROVIDER)
                .build();
        EmbeddingResponse response = EmbeddingModelObservationDocumentation.EMBEDDING_MODEL_OPERATION
                .observation(convention, CONVENTION, () -> context, registry)
                .observe(() -> {
                    EmbeddingResponse answer = answer(request.getInstructions(), options.getDimensions(), type);
                    context.setResponse(answer);
                    return answer;
                });
        return Objects.requireNonNull(response);
    }

    /** What was asked for, with the model's own name and size where nothing was: observations tell them. */
    private EmbeddingOptions options(@Nullable EmbeddingOptions asked) {
        Integer dimensions = asked == null ? null : asked.getDimensions();
        return DefaultEmbeddingOptions.builder()
                .model(encoder.modelName())
                .dimensions(dimensions == null ? encoder.dimension() : dimensions)
                .build();
    }

    private EmbeddingResponse answer(List<String> texts, @Nullable Integer dimensions, InputType type) {
        SentenceEncoder of =
                dimensions == null || dimensions == encoder.dimension() ? encoder : encoder.withDimension(dimensions);
        List<Embedding> embeddings = new ArrayList<>();
        int tokens = 0;
        for (SentenceEmbedding one : of.encodeAll(texts, type)) {
            tokens += one.tokens();
            embeddings.add(new Embedding(one.vector(), embeddings.size()));
        }
        return new EmbeddingResponse(
                embeddings, new EmbeddingResponseMetadata(encoder.modelName(), new DefaultUsage(tokens, 0)));
    }

    @Override
    public float[] embed(Document document) {
        return documents(List.of(document), null).get(0);
    }

    /** All documents go to the model together, whatever the strategy: it has no limit to how many it takes. */
    @Override
    public List<float[]> embed(
            List<Document> documents, @Nullable EmbeddingOptions options, BatchingStrategy strategy) {
        return documents.isEmpty() ? List.of() : documents(documents, options);
    }

    private List<float[]> documents(List<Document> documents, @Nullable EmbeddingOptions options) {
        List<String> texts = documents.stream().map(this::getEmbeddingContent).toList();
        return call(new EmbeddingRequest(texts, options(options)), InputType.DOCUMENT).getResults().stream()
                .map(Embedding::getOutput)
                .toList();
    }

    @Override
    public String getEmbeddingContent(Document document) {
        return document.getFormattedContent(metadataMode);
    }

    /** How many numbers a vector has. The model is not asked. */
    @Override
    public int dimensions() {
        return encoder.dimension();
    }

    /** What computes: for asynchronous calls, its metrics and its plan. */
    public SentenceEncoder encoder() {
        return encoder;
    }

    @Override
    public String toString() {
        return "embedding model over " + encoder;
    }

    /** Collects what a model is made of. Not safe for use by several threads. */
    public static final class Builder {
        private final SentenceEncoder encoder;
        private MetadataMode metadataMode = MetadataMode.NONE;
        private ObservationRegistry registry = ObservationRegistry.NOOP;
        private @Nullable EmbeddingModelObservationConvention convention;

        private Builder(SentenceEncoder encoder) {
            this.encoder = requireNonNull(encoder, "encoder");
        }

        /** What of a document's metadata is embedded with its text; nothing, unless set. */
        public Builder metadataMode(MetadataMode mode) {
            this.metadataMode = requireNonNull(mode, "mode");
            return this;
        }

        /** Where requests are observed; nowhere, unless set. */
        public Builder observationRegistry(ObservationRegistry observations) {
            this.registry = requireNonNull(observations, "observations");
            return this;
        }

        /** What observations are called and tell; Spring AI's own, unless set. */
        public Builder observationConvention(EmbeddingModelObservationConvention names) {
            this.convention = requireNonNull(names, "names");
            return this;
        }

        /** The model. */
        public CressetEmbeddingModel build() {
            return new CressetEmbeddingModel(this);
        }
    }
}
