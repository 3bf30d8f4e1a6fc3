package dev.cresset.langchain4j;

import static java.util.Objects.requireNonNull;

import dev.cresset.text.InputType;
import dev.cresset.text.SentenceEmbedding;
import dev.cresset.text.SentenceEncoder;
import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.listener.EmbeddingModelListener;
import dev.langchain4j.model.embedding.request.EmbeddingInput;
import dev.langchain4j.model.embedding.request.EmbeddingInputType;
import dev.langchain4j.model.embedding.request.EmbeddingParameter;
import dev.langchain4j.model.embedding.request.EmbeddingRequest;
import dev.langchain4j.model.embedding.request.EmbeddingRequestParameters;
import dev.langchain4j.model.embedding.response.EmbeddingResponse;
import dev.langchain4j.model.embedding.response.EmbeddingResponseMetadata;
import dev.langchain4j.model.output.TokenUsage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An embedding model of LangChain4j that runs in this process.
 *
 * <pre>{@code
 * try (CressetEmbeddingModel model = CressetEmbeddingModel.open(Path.of("all-MiniLM-L6-v2"))) {
 *     float[] vector = model.embed("What is a cresset?").content().vector();
 * }
 * }</pre>
 *
 * <p>All segments of an {@code embedAll} go to the model together, in batches of equal length; requests of several threads share
 * batches. A request may say its {@link EmbeddingRequestParameters#INPUT_TYPE}, which chooses the prefix, and its {@link
 * EmbeddingRequestParameters#DIMENSIONS}, to which vectors are cut (Matryoshka); {@link #with(EmbeddingInputType)} says the first
 * for all requests.
 *
 * <p>The caller closes it, once for all that share the model. Safe for use by several threads: share one.
 */
public final class CressetEmbeddingModel implements EmbeddingModel, AutoCloseable {

    private final SentenceEncoder encoder;
    private final boolean owned;
    private final EmbeddingRequestParameters defaults;
    private final List<EmbeddingModelListener> listeners;

    private CressetEmbeddingModel(
            SentenceEncoder encoder,
            boolean owned,
            EmbeddingRequestParameters defaults,
            List<EmbeddingModelListener> listeners) {
        this.encoder = encoder;
        this.owned = owned;
        this.defaults = defaults;
        this.listeners = listeners;
    }

    /**
     * Opens a model with its tokenizer: an archive, a model's file with {@code tokenizer.json} beside it, or a folder of both.
     * Throws what {@link SentenceEncoder#open} does.
     */
    public static CressetEmbeddingModel open(Path model) throws IOException {
        return open(SentenceEncoder.builder(model));
    }

    /** Opens what a builder describes, and closes it in the end. */
    public static CressetEmbeddingModel open(SentenceEncoder.Builder builder) throws IOException {
        return new CressetEmbeddingModel(
                builder.open(), /* owned= */ true, EmbeddingRequestParameters.EMPTY, List.of());
    }

    /** Over an encoder that is somebody else's to close. */
    public static CressetEmbeddingModel of(SentenceEncoder encoder) {
        return new CressetEmbeddingModel(
                requireNonNull(encoder, "encoder"), /* owned= */ false, EmbeddingRequestParameters.EMPTY, List.of());
    }

    /**
     * The same model for texts of one kind, where a request does not say which: one with {@code QUERY} is for a retriever, one
     * with {@code DOCUMENT} for an ingestor. It shares the model.
     */
    public CressetEmbeddingModel with(EmbeddingInputType type) {
        EmbeddingRequestParameters typed = defaults.overrideWith(
                EmbeddingRequestParameters.builder().inputType(type).build());
        return new CressetEmbeddingModel(encoder, owned, typed, listeners);
    }

    /** The same model, which tells these listeners of its requests, too. It shares the model. */
    public CressetEmbeddingModel with(List<EmbeddingModelListener> more) {
        List<EmbeddingModelListener> all = new ArrayList<>(listeners);
        all.addAll(more);
        return new CressetEmbeddingModel(encoder, owned, defaults, List.copyOf(all));
    }

    @Override
    public EmbeddingResponse doEmbed(EmbeddingRequest request) {
        SentenceEncoder of = shortened(request.dimensions());
        List<String> texts = request.inputs().stream().map(EmbeddingInput::text).toList();
        InputType type = type(request.inputType());
        List<SentenceEmbedding> found =
                LangChainFailures.in(() -> type == null ? of.encodeAll(texts) : of.encodeAll(texts, type));
        int tokens = 0;
        List<Embedding> embeddings = new ArrayList<>(found.size());
        for (SentenceEmbedding one : found) {
            tokens += one.tokens();
            embeddings.add(Embedding.from(one.vector()));
        }
        return EmbeddingResponse.builder()
                .embeddings(embeddings)
                .metadata(EmbeddingResponseMetadata.builder()
                        .modelName(modelName())
                        .tokenUsage(new TokenUsage(tokens))
                        .build())
                .build();
    }

    private SentenceEncoder shortened(@Nullable Integer dimensions) {
        return dimensions == null ? encoder : LangChainFailures.in(() -> encoder.withDimension(dimensions));
    }

    private static @Nullable InputType type(@Nullable EmbeddingInputType type) {
        if (type == null) {
            return null;
        }
        return type == EmbeddingInputType.QUERY ? InputType.QUERY : InputType.DOCUMENT;
    }

    @Override
    public EmbeddingRequestParameters defaultRequestParameters() {
        return defaults;
    }

    @Override
    public Set<EmbeddingParameter<?>> supportedParameters() {
        return Set.of(EmbeddingRequestParameters.INPUT_TYPE, EmbeddingRequestParameters.DIMENSIONS);
    }

    @Override
    public List<EmbeddingModelListener> listeners() {
        return listeners;
    }

    /** How many numbers a vector has. The model is not asked. */
    @Override
    public int dimension() {
        return encoder.dimension();
    }

    @Override
    public String modelName() {
        return encoder.modelName();
    }

    /** Closes the encoder, if it was opened here. */
    @Override
    public void close() {
        if (owned) {
            encoder.close();
        }
    }

    @Override
    public String toString() {
        return "embedding model over " + encoder;
    }
}
