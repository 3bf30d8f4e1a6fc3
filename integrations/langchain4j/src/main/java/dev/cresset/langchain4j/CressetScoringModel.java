package dev.cresset.langchain4j;

import static java.util.Objects.requireNonNull;

import dev.cresset.text.CrossEncoder;
import dev.cresset.text.PairScore;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.output.Response;
import dev.langchain4j.model.output.TokenUsage;
import dev.langchain4j.model.scoring.ScoringModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * A scoring model of LangChain4j, a re-ranker, that runs in this process: for {@code ReRankingContentAggregator}.
 *
 * <p>All segments of a {@code scoreAll} go to the model together, in batches of equal length. The caller closes it. Safe for use
 * by several threads: share one.
 */
public final class CressetScoringModel implements ScoringModel, AutoCloseable {

    private final CrossEncoder ranker;
    private final boolean owned;

    private CressetScoringModel(CrossEncoder ranker, boolean owned) {
        this.ranker = ranker;
        this.owned = owned;
    }

    /**
     * Opens a model with its tokenizer: an archive, a model's file with {@code tokenizer.json} beside it, or a folder of both.
     * Throws what {@link CrossEncoder#open} does.
     */
    public static CressetScoringModel open(Path model) throws IOException {
        return open(CrossEncoder.builder(model));
    }

    /** Opens what a builder describes, and closes it in the end. */
    public static CressetScoringModel open(CrossEncoder.Builder builder) throws IOException {
        return new CressetScoringModel(builder.open(), /* owned= */ true);
    }

    /** Over a cross-encoder that is somebody else's to close. */
    public static CressetScoringModel of(CrossEncoder ranker) {
        return new CressetScoringModel(requireNonNull(ranker, "ranker"), /* owned= */ false);
    }

    @Override
    public Response<List<Double>> scoreAll(List<TextSegment> segments, String query) {
        List<String> passages = segments.stream().map(TextSegment::text).toList();
        List<PairScore> scores = LangChainFailures.in(() -> ranker.scoreAll(query, passages));
        return Response.from(
                scores.stream().map(one -> (double) one.score()).toList(),
                new TokenUsage(scores.stream().mapToInt(PairScore::tokens).sum()));
    }

    /** Closes the cross-encoder, if it was opened here. */
    @Override
    public void close() {
        if (owned) {
            ranker.close();
        }
    }

    @Override
    public String toString() {
        return "scoring model over " + ranker;
    }
}
