package dev.cresset.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.cresset.Batching;
import dev.cresset.ClosedException;
import dev.cresset.WhenFull;
import dev.cresset.text.SentenceEncoder;
import dev.cresset.text.TextOptions;
import dev.cresset.text.Truncation;
import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.exception.TimeoutException;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.listener.EmbeddingModelErrorContext;
import dev.langchain4j.model.embedding.listener.EmbeddingModelListener;
import dev.langchain4j.model.embedding.listener.EmbeddingModelRequestContext;
import dev.langchain4j.model.embedding.listener.EmbeddingModelResponseContext;
import dev.langchain4j.model.embedding.request.EmbeddingInputType;
import dev.langchain4j.model.embedding.request.EmbeddingRequest;
import dev.langchain4j.model.output.Response;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** An application of LangChain4j embeds texts in its own process. */
class CressetEmbeddingModelTest {

    private static SentenceEncoder encoder;
    private static CressetEmbeddingModel model;

    @BeforeAll
    static void open() throws IOException {
        encoder = SentenceEncoder.open(Fixtures.ENCODER);
        model = CressetEmbeddingModel.of(encoder);
    }

    @AfterAll
    static void close() {
        encoder.close();
    }

    private static int tokens(Response<?> response) {
        return Objects.requireNonNull(response.tokenUsage()).inputTokenCount();
    }

    private static List<TextSegment> segments() {
        return Fixtures.TEXTS.stream().map(TextSegment::from).toList();
    }

    private static void check(List<Embedding> embeddings, String recorded) {
        JsonNode expected = Fixtures.RECORDED.get(recorded);
        assertThat(embeddings).hasSameSizeAs(Fixtures.TEXTS);
        for (int i = 0; i < embeddings.size(); i++) {
            assertThat(embeddings.get(i).vector())
                    .as(Fixtures.TEXTS.get(i))
                    .containsExactly(Fixtures.floats(expected.get(i)), within(1e-5f));
        }
    }

    @Test
    void embedAll_asSentenceTransformersDoes_andCountsTokens() {
        Response<List<Embedding>> response = model.embedAll(segments());
        check(response.content(), "normalized");
        int alone = segments().stream()
                .mapToInt(segment -> tokens(model.embed(segment)))
                .sum();
        assertThat(tokens(response)).isEqualTo(alone).isGreaterThan(100);
        assertThat(model.embedAll(List.of()).content()).isEmpty();
    }

    @Test
    void embed_oneText_isTheSame() {
        assertThat(model.embed(Fixtures.TEXTS.get(1)).content().vector())
                .containsExactly(
                        Fixtures.floats(Fixtures.RECORDED.get("normalized").get(1)), within(1e-5f));
    }

    @Test
    void dimensionAndName_areKnownWithoutACall() {
        long before = encoder.predictor().metrics().answered();
        assertThat(model.dimension()).isEqualTo(32);
        assertThat(model.modelName()).isEqualTo("encoder");
        assertThat(encoder.predictor().metrics().answered()).isEqualTo(before);
    }

    @Test
    void inputType_ofARequestOrOfTheModel_choosesThePrefix() {
        EmbeddingRequest queries = EmbeddingRequest.builder()
                .textSegments(segments())
                .inputType(EmbeddingInputType.QUERY)
                .build();
        check(model.embed(queries).embeddings(), "queries");
        check(model.with(EmbeddingInputType.QUERY).embedAll(segments()).content(), "queries");
        EmbeddingModel documents = model.with(EmbeddingInputType.DOCUMENT);
        check(documents.embedAll(segments()).content(), "passages");
        check(documents.embed(queries).embeddings(), "queries");
    }

    @Test
    void dimensions_ofARequest_cutTheVectors() {
        EmbeddingRequest shorter = EmbeddingRequest.builder()
                .textSegments(segments())
                .dimensions(16)
                .build();
        check(model.embed(shorter).embeddings(), "truncated");
        EmbeddingRequest longer = EmbeddingRequest.builder()
                .textSegments(segments())
                .dimensions(64)
                .build();
        assertThatThrownBy(() -> model.embed(longer))
                .isInstanceOf(InvalidRequestException.class)
                .hasMessage("vectors of encoder have 32 numbers, which cannot be cut to 64");
    }

    @Test
    void listeners_hearOfRequestsAnswersAndFailures() {
        List<String> heard = new ArrayList<>();
        EmbeddingModelListener listener = new EmbeddingModelListener() {
            @Override
            public void onRequest(EmbeddingModelRequestContext context) {
                heard.add("request");
            }

            @Override
            public void onResponse(EmbeddingModelResponseContext context) {
                heard.add("response");
            }

            @Override
            public void onError(EmbeddingModelErrorContext context) {
                heard.add(context.error().getClass().getSimpleName());
            }
        };
        EmbeddingModel told = model.with(List.of(listener));
        told.embed("good");
        assertThatThrownBy(() -> told.embed("half \ud800")).isInstanceOf(InvalidRequestException.class);
        assertThat(heard).containsExactly("request", "response", "request", "InvalidRequestException");
        heard.clear();
        model.addListener(listener).embed("good");
        assertThat(heard).containsExactly("request", "response");
    }

    @Test
    void embed_textTooLong_isAnInvalidRequest() throws IOException {
        TextOptions whole =
                TextOptions.builder().truncation(Truncation.DO_NOT_TRUNCATE).build();
        try (CressetEmbeddingModel strict = CressetEmbeddingModel.open(
                SentenceEncoder.builder(Fixtures.ENCODER).options(whole))) {
            assertThatThrownBy(() -> strict.embed("film ".repeat(100)))
                    .isInstanceOf(InvalidRequestException.class)
                    .hasMessageContaining("the text has 102 tokens, expected at most 48");
        }
    }

    @Test
    void embedAll_deadlinePassed_mayBeTriedAgain() throws IOException {
        try (CressetEmbeddingModel hasty = CressetEmbeddingModel.open(
                SentenceEncoder.builder(Fixtures.ENCODER).serving(serving -> serving.deadline(Duration.ofNanos(1))))) {
            assertThatThrownBy(() -> hasty.embed("late")).isInstanceOf(TimeoutException.class);
        }
    }

    @Test
    void embed_queueFull_mayBeTriedAgain() throws Exception {
        ExecutorService callers = Executors.newFixedThreadPool(32);
        try (CressetEmbeddingModel small = CressetEmbeddingModel.open(SentenceEncoder.builder(Fixtures.ENCODER)
                .serving(serving -> serving.workers(1).queue(1, WhenFull.REJECT).batching(Batching.none())))) {
            List<Future<Boolean>> asked = new ArrayList<>();
            for (int i = 0; i < 2000; i++) {
                asked.add(callers.submit(() -> {
                    try {
                        small.embed("film ".repeat(40));
                        return true;
                    } catch (RateLimitException e) {
                        return false;
                    }
                }));
            }
            List<Boolean> outcomes = new ArrayList<>();
            for (Future<Boolean> one : asked) {
                outcomes.add(one.get());
            }
            assertThat(outcomes).contains(true, false);
        } finally {
            callers.shutdown();
        }
    }

    @Test
    void close_ofABorrowedEncoder_leavesItToItsOwner() throws IOException {
        try (SentenceEncoder lent = SentenceEncoder.open(Fixtures.ENCODER)) {
            CressetEmbeddingModel borrowed = CressetEmbeddingModel.of(lent);
            borrowed.close();
            assertThat(borrowed.embed("still here").content().dimension()).isEqualTo(32);
        }
        CressetEmbeddingModel own = CressetEmbeddingModel.open(Fixtures.ENCODER);
        own.close();
        assertThatThrownBy(() -> own.embed("late")).isInstanceOf(ClosedException.class);
    }

    @Test
    void tokenCountEstimator_countsAsTheModelsTokenizerDoes() {
        CressetTokenCountEstimator estimator = CressetTokenCountEstimator.of(encoder);
        assertThat(estimator.estimateTokenCountInText("film film")).isEqualTo(2);
        assertThat(estimator.estimateTokenCountInText("film ".repeat(100))).isEqualTo(100);
        assertThat(estimator.estimateTokenCountInMessages(
                        List.of(UserMessage.from("film"), SystemMessage.from("film film"))))
                .isEqualTo(3);
    }
}
