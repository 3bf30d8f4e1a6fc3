package dev.cresset.spring.ai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.cresset.InvalidInputException;
import dev.cresset.text.SentenceEncoder;
import io.micrometer.observation.tck.TestObservationRegistry;
import io.micrometer.observation.tck.TestObservationRegistryAssert;
import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.ai.document.Document;
import org.springframework.ai.document.MetadataMode;
import org.springframework.ai.embedding.Embedding;
import org.springframework.ai.embedding.EmbeddingOptions;
import org.springframework.ai.embedding.EmbeddingRequest;
import org.springframework.ai.embedding.EmbeddingResponse;
import org.springframework.ai.embedding.TokenCountBatchingStrategy;
import tools.jackson.databind.JsonNode;

/** An application of Spring AI embeds texts in its own process. */
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

    private static void check(List<float[]> vectors, String recorded) {
        JsonNode expected = Fixtures.RECORDED.get(recorded);
        assertThat(vectors).hasSameSizeAs(Fixtures.TEXTS);
        for (int i = 0; i < vectors.size(); i++) {
            assertThat(vectors.get(i))
                    .as(Fixtures.TEXTS.get(i))
                    .containsExactly(Fixtures.floats(expected.get(i)), within(1e-5f));
        }
    }

    @Test
    void embed_texts_withThePrefixOfQueries() {
        check(model.embed(Fixtures.TEXTS), "queries");
        assertThat(model.embed(Fixtures.TEXTS.get(1)))
                .containsExactly(
                        Fixtures.floats(Fixtures.RECORDED.get("queries").get(1)), within(1e-5f));
    }

    @Test
    void embed_documents_withTheirPrefix_inOneGo() {
        List<Document> documents = Fixtures.TEXTS.stream().map(Document::new).toList();
        check(model.embed(documents, EmbeddingOptions.builder().build(), new TokenCountBatchingStrategy()), "passages");
        assertThat(model.embed(documents.get(1)))
                .containsExactly(
                        Fixtures.floats(Fixtures.RECORDED.get("passages").get(1)), within(1e-5f));
    }

    @Test
    void call_tellsIndexTokensAndName() {
        EmbeddingResponse response = model.embedForResponse(Fixtures.TEXTS);
        assertThat(response.getResults())
                .extracting(Embedding::getIndex)
                .containsExactlyElementsOf(
                        IntStream.range(0, Fixtures.TEXTS.size()).boxed().toList());
        assertThat(response.getMetadata().getModel()).isEqualTo("encoder");
        assertThat(response.getMetadata().getUsage().getPromptTokens()).isGreaterThan(100);
        assertThat(response.getMetadata().getUsage().getTotalTokens())
                .isEqualTo(response.getMetadata().getUsage().getPromptTokens());
    }

    @Test
    void dimensions_areKnownWithoutACall_andMayBeFewer() {
        long before = encoder.predictor().metrics().answered();
        assertThat(model.dimensions()).isEqualTo(32);
        assertThat(encoder.predictor().metrics().answered()).isEqualTo(before);
        EmbeddingRequest shorter = new EmbeddingRequest(
                List.of("film"), EmbeddingOptions.builder().dimensions(16).build());
        assertThat(model.call(shorter).getResult().getOutput()).hasSize(16);
        EmbeddingRequest longer = new EmbeddingRequest(
                List.of("film"), EmbeddingOptions.builder().dimensions(64).build());
        assertThatThrownBy(() -> model.call(longer))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("vectors of encoder have 32 numbers, which cannot be cut to 64");
    }

    @Test
    void metadataMode_saysWhatOfADocumentIsEmbedded() {
        Document document =
                Document.builder().text("film").metadata("author", "Merkel").build();
        CressetEmbeddingModel all = CressetEmbeddingModel.builder(encoder)
                .metadataMode(MetadataMode.ALL)
                .build();
        assertThat(model.embed(document)).isEqualTo(model.embed(new Document("film")));
        assertThat(all.embed(document))
                .isEqualTo(model.embed(new Document(document.getFormattedContent(MetadataMode.ALL))))
                .isNotEqualTo(model.embed(document));
    }

    @Test
    void observations_tellModelSizeAndTokens() {
        TestObservationRegistry registry = TestObservationRegistry.create();
        CressetEmbeddingModel observed = CressetEmbeddingModel.builder(encoder)
                .observationRegistry(registry)
                .build();
        int tokens = observed.embedForResponse(List.of("film", "song"))
                .getMetadata()
                .getUsage()
                .getTotalTokens();
        TestObservationRegistryAssert.assertThat(registry)
                .hasObservationWithNameEqualTo("gen_ai.client.operation")
                .that()
                .hasContextualNameEqualTo("embedding encoder")
                .hasLowCardinalityKeyValue("gen_ai.operation.name", "embedding")
                .hasLowCardinalityKeyValue("gen_ai.system", "cresset")
                .hasLowCardinalityKeyValue("gen_ai.request.model", "encoder")
                .hasLowCardinalityKeyValue("gen_ai.response.model", "encoder")
                .hasHighCardinalityKeyValue("gen_ai.request.embedding.dimensions", "32")
                .hasHighCardinalityKeyValue("gen_ai.usage.total_tokens", Integer.toString(tokens))
                .hasBeenStopped();
        assertThatThrownBy(() -> observed.embed("half \ud800")).isInstanceOf(InvalidInputException.class);
        TestObservationRegistryAssert.assertThat(registry).hasNumberOfObservationsEqualTo(2);
    }
}
