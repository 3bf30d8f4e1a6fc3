package dev.cresset.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.cresset.ClosedException;
import dev.cresset.ModelLoadException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** A re-ranker gives the scores that sentence-transformers' CrossEncoder gives. */
class CrossEncoderTest {

    private static final JsonNode RECORDED = Recorded.json("sentences/sentences.json");
    private static final List<String> TEXTS = Recorded.texts(RECORDED);
    private static final String QUERY = RECORDED.get("ranker").get("query").asString();
    private static final Path FOLDER = Recorded.fixture("sentences/ranker");

    private static void check(List<PairScore> scores, String recorded) {
        JsonNode expected = RECORDED.get("ranker").get(recorded);
        assertThat(scores).hasSameSizeAs(TEXTS);
        for (int i = 0; i < scores.size(); i++) {
            assertThat(scores.get(i).score())
                    .as(TEXTS.get(i))
                    .isCloseTo((float) expected.get(i).asDouble(), within(1e-5f));
        }
    }

    @Test
    void scoreAll_asSentenceTransformersDoes() throws IOException {
        try (CrossEncoder ranker = CrossEncoder.open(FOLDER)) {
            check(ranker.scoreAll(QUERY, TEXTS), "scores");
            assertThat(ranker.score(QUERY, TEXTS.get(3)).score())
                    .isCloseTo(ranker.scoreAsync(QUERY, TEXTS.get(3)).join().score(), within(1e-6f));
            assertThat(ranker.modelName()).isEqualTo("ranker");
        }
    }

    @Test
    void scoreAll_withoutAFunction_areTheModelsNumbers() throws IOException {
        TextOptions none =
                TextOptions.builder().functionToApply(ScoreFunction.NONE).build();
        try (CrossEncoder ranker = CrossEncoder.builder(FOLDER).options(none).open()) {
            check(ranker.scoreAll(QUERY, TEXTS), "logits");
        }
    }

    @Test
    void rank_theBestFirst() throws IOException {
        try (CrossEncoder ranker = CrossEncoder.open(FOLDER)) {
            List<RankedPassage> ranked = ranker.rank(QUERY, TEXTS);
            assertThat(ranked).hasSameSizeAs(TEXTS).isSortedAccordingTo((a, b) -> Float.compare(b.score(), a.score()));
            RankedPassage best = ranked.get(0);
            assertThat(best.score())
                    .isCloseTo(ranker.score(QUERY, TEXTS.get(best.index())).score(), within(1e-5f));
        }
    }

    @Test
    void open_modelThatGivesVectors_isRefused() {
        assertThatThrownBy(() -> CrossEncoder.open(Recorded.fixture("sentences/encoder/whole.pt2")))
                .isInstanceOf(ModelLoadException.class)
                .hasStackTraceContaining("the model answered with 32 numbers, expected the one of a re-ranker");
    }

    @Test
    void score_afterClose_isRefused() throws IOException {
        CrossEncoder ranker = CrossEncoder.open(FOLDER);
        ranker.close();
        assertThatThrownBy(() -> ranker.score(QUERY, "late")).isInstanceOf(ClosedException.class);
    }
}
