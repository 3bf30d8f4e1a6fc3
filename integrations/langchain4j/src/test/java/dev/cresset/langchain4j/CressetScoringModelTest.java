package dev.cresset.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.cresset.ClosedException;
import dev.cresset.text.CrossEncoder;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.model.output.Response;
import dev.langchain4j.rag.content.Content;
import dev.langchain4j.rag.content.aggregator.ReRankingContentAggregator;
import dev.langchain4j.rag.query.Query;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** An application of LangChain4j re-ranks texts in its own process. */
class CressetScoringModelTest {

    private static final String QUERY =
            Fixtures.RECORDED.get("ranker").get("query").asString();

    @Test
    void scoreAll_asSentenceTransformersDoes_andCountsTokens() throws IOException {
        JsonNode expected = Fixtures.RECORDED.get("ranker").get("scores");
        try (CressetScoringModel model = CressetScoringModel.open(Fixtures.RANKER)) {
            Response<List<Double>> response = model.scoreAll(
                    Fixtures.TEXTS.stream().map(TextSegment::from).toList(), QUERY);
            for (int i = 0; i < Fixtures.TEXTS.size(); i++) {
                assertThat(response.content().get(i))
                        .as(Fixtures.TEXTS.get(i))
                        .isCloseTo(expected.get(i).asDouble(), within(1e-5));
            }
            assertThat(Objects.requireNonNull(response.tokenUsage()).inputTokenCount())
                    .isGreaterThan(200);
            assertThat(model.score(Fixtures.TEXTS.get(2), QUERY).content())
                    .isCloseTo(expected.get(2).asDouble(), within(1e-5));
            assertThatThrownBy(() -> model.score("half \ud800", QUERY)).isInstanceOf(InvalidRequestException.class);
        }
    }

    @Test
    void reRankingContentAggregator_putsTheBestFirst() throws IOException {
        try (CressetScoringModel model = CressetScoringModel.open(Fixtures.RANKER)) {
            Query query = Query.from(QUERY);
            Collection<List<Content>> found =
                    List.of(Fixtures.TEXTS.stream().map(Content::from).toList());
            List<Content> ranked = new ReRankingContentAggregator(model).aggregate(Map.of(query, found));
            List<Double> scores = ranked.stream()
                    .map(content ->
                            model.score(content.textSegment().text(), QUERY).content())
                    .toList();
            assertThat(scores).isSortedAccordingTo((a, b) -> Math.abs(a - b) < 1e-5 ? 0 : Double.compare(b, a));
        }
    }

    @Test
    void close_ofABorrowedRanker_leavesItToItsOwner() throws IOException {
        try (CrossEncoder ranker = CrossEncoder.open(Fixtures.RANKER)) {
            CressetScoringModel borrowed = CressetScoringModel.of(ranker);
            borrowed.close();
            assertThat(borrowed.score("still here", QUERY).content()).isBetween(0.0, 1.0);
        }
        CressetScoringModel own = CressetScoringModel.open(Fixtures.RANKER);
        own.close();
        assertThatThrownBy(() -> own.score("late", QUERY)).isInstanceOf(ClosedException.class);
    }
}
