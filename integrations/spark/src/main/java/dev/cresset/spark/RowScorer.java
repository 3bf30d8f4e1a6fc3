package dev.cresset.spark;

import dev.cresset.Outcome;
import dev.cresset.Predictor;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/** How rows are asked. Used by one thread. */
interface RowScorer<O> {

    /** How many rows to ask at once: so many are held. */
    int rowsAtOnce();

    /** What became of each, in order. */
    List<ScoredRow<O>> ask(List<Row> rows);

    @SuppressWarnings("unchecked") // blocks are what the handler of blocks makes
    static <I, O> RowScorer<O> of(Predictor<I, O> predictor, RowHandler<I, O> handler) {
        if (handler instanceof TensorBlocks blocks) {
            return (RowScorer<O>) new BlockScorer((Predictor<TensorBlock, List<Object>>) predictor, blocks);
        }
        return new OneByOne<>(predictor, handler);
    }

    /**
     * A request to a row; the predictor makes batches of them. Where the model is quick the calling thread runs them; otherwise
     * the predictor's do, while this one makes the next requests ready.
     */
    record OneByOne<I, O>(Predictor<I, O> predictor, RowHandler<I, O> handler) implements RowScorer<O> {

        /** So that one batch is made ready while another runs. */
        private static final int BATCHES_AT_ONCE = 4;

        @Override
        public int rowsAtOnce() {
            return BATCHES_AT_ONCE * predictor.batching().maxSize();
        }

        @Override
        public List<ScoredRow<O>> ask(List<Row> rows) {
            List<I> requests = new ArrayList<>(rows.size());
            List<@Nullable String> refusals = new ArrayList<>(rows.size());
            for (Row row : rows) {
                refusals.add(request(row, requests));
            }
            Iterator<Outcome<O>> outcomes = predictor.predictEach(requests).iterator();
            List<ScoredRow<O>> scored = new ArrayList<>(rows.size());
            for (int i = 0; i < rows.size(); i++) {
                String refusal = refusals.get(i);
                scored.add(
                        refusal == null
                                ? ScoredRow.of(rows.get(i), outcomes.next())
                                : ScoredRow.refused(rows.get(i), refusal));
            }
            return scored;
        }

        /** Why the row cannot be asked; null if it can be, and its request is added. */
        private @Nullable String request(Row row, List<I> requests) {
            try {
                requests.add(handler.request(row));
                return null;
            } catch (RuntimeException e) {
                return ScoredRow.reason(e);
            }
        }
    }
}
