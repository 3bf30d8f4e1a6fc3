package dev.cresset.spark;

import dev.cresset.InferenceException;
import dev.cresset.Outcome;
import dev.cresset.Predictor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/**
 * A request to a block of rows. A block is full, or half as large, or a quarter: each size has memory of its own. If one fails,
 * its rows are asked again one by one, and only those that are at fault fail.
 */
final class BlockScorer implements RowScorer<List<Object>> {

    private final Predictor<TensorBlock, List<Object>> predictor;
    private final TensorBlocks blocks;

    BlockScorer(Predictor<TensorBlock, List<Object>> predictor, TensorBlocks blocks) {
        this.predictor = predictor;
        this.blocks = blocks;
    }

    @Override
    public int rowsAtOnce() {
        return blocks.blockSize();
    }

    @Override
    public List<ScoredRow<List<Object>>> ask(List<Row> rows) {
        List<TensorColumns.Tensors> readable = new ArrayList<>(rows.size());
        List<@Nullable String> refusals = new ArrayList<>(rows.size());
        for (Row row : rows) {
            refusals.add(read(row, readable));
        }
        List<Outcome<List<Object>>> outcomes = new ArrayList<>(readable.size());
        for (int start = 0; start < readable.size(); ) {
            int left = readable.size() - start;
            int size = left >= blocks.blockSize() ? blocks.blockSize() : Integer.highestOneBit(left);
            askBlock(readable.subList(start, start + size), outcomes);
            start += size;
        }
        List<ScoredRow<List<Object>>> scored = new ArrayList<>(rows.size());
        int next = 0;
        for (int i = 0; i < rows.size(); i++) {
            String refusal = refusals.get(i);
            scored.add(
                    refusal == null
                            ? ScoredRow.of(rows.get(i), outcomes.get(next++))
                            : ScoredRow.refused(rows.get(i), refusal));
        }
        return scored;
    }

    private @Nullable String read(Row row, List<TensorColumns.Tensors> readable) {
        try {
            readable.add(blocks.read(row));
            return null;
        } catch (RuntimeException e) {
            return ScoredRow.reason(e);
        }
    }

    private void askBlock(List<TensorColumns.Tensors> rows, List<Outcome<List<Object>>> outcomes) {
        try {
            for (Object answer : predictor.predict(blocks.block(rows))) {
                outcomes.add(Outcome.answered(Collections.singletonList(answer)));
            }
        } catch (InferenceException e) {
            if (!ScoredRow.isOfTheRow(e)) {
                throw e;
            }
            if (rows.size() == 1) {
                outcomes.add(Outcome.failed(e));
                return;
            }
            for (TensorColumns.Tensors row : rows) {
                askBlock(List.of(row), outcomes);
            }
        }
    }
}
