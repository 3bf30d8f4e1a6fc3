package dev.cresset.spark;

import dev.cresset.InvalidInputException;
import dev.cresset.registry.SharedModels;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Queue;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.Row;
import org.apache.spark.util.TaskCompletionListener;

/**
 * A partition's rows with their answers. Takes a few batches' rows at a time, has them answered together and hands them on in
 * their order; so no more than those are ever held. Where the model is quick the task's own thread runs it; otherwise the
 * predictor's threads do, while this one makes the next rows ready.
 *
 * <p>It holds its executor's predictor until the task is over, however that ends. Used by the task's thread.
 */
final class ScoredRows<I, O> implements Iterator<Row> {

    private final Iterator<Row> rows;
    private final RowHandler<I, O> handler;
    private final SharedModels.Lease<CountedPredictor<I, O>> lease;
    private final RowForm form;
    private final Progress progress;
    private final RowScorer<O> scorer;
    private final int atOnce;
    private final Queue<Row> ready = new ArrayDeque<>();
    private long taken;

    private ScoredRows(
            Iterator<Row> rows,
            RowHandler<I, O> handler,
            SharedModels.Lease<CountedPredictor<I, O>> lease,
            RowForm form,
            Progress progress) {
        this.rows = rows;
        this.handler = handler;
        this.lease = lease;
        this.form = form;
        this.progress = progress;
        this.scorer = RowScorer.of(lease.model().predictor(), handler);
        this.atOnce = scorer.rowsAtOnce();
    }

    static <I, O> Iterator<Row> open(ModelOpening<I, O> model, Iterator<Row> rows, RowForm form, Progress progress)
            throws InterruptedException {
        SharedModels.Lease<CountedPredictor<I, O>> lease = model.acquire();
        ScoredRows<I, O> scored = new ScoredRows<>(rows, model.handler(), lease, form, progress);
        TaskContext task = TaskContext.get();
        if (task != null) {
            task.addTaskCompletionListener((TaskCompletionListener) over -> scored.end());
        }
        return scored;
    }

    /** Called when the task is over, and where there is no task, after the last row. */
    private void end() {
        progress.addWorkOf(lease.model());
        lease.close();
    }

    @Override
    public boolean hasNext() {
        while (ready.isEmpty() && rows.hasNext()) {
            scoreSome();
        }
        if (ready.isEmpty() && TaskContext.get() == null) {
            lease.close();
        }
        return !ready.isEmpty();
    }

    @Override
    public Row next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        return ready.remove();
    }

    private void scoreSome() {
        List<Row> some = new ArrayList<>(atOnce);
        while (some.size() < atOnce && rows.hasNext()) {
            some.add(rows.next());
        }
        int failed = 0;
        for (ScoredRow<O> scored : scorer.ask(some)) {
            if (!handOn(scored)) {
                failed++;
            }
            taken++;
        }
        progress.add(some.size() - failed, failed);
    }

    /** Whether the row has an answer. */
    private boolean handOn(ScoredRow<O> scored) {
        String reason = scored.refusal();
        if (reason == null) {
            try {
                ready.add(form.answered(scored.row(), handler.value(scored.answer())));
                return true;
            } catch (RuntimeException e) {
                reason = ScoredRow.reason(e);
            }
        }
        switch (form.handleInvalid()) {
            case ERROR ->
                throw new InvalidInputException("row " + (taken + 1) + " of partition " + TaskContext.getPartitionId()
                        + " cannot be scored: " + reason
                        + "; setting handleInvalid to keep or skip goes on without it");
            case KEEP -> ready.add(form.failed(scored.row(), reason));
            case SKIP -> {}
        }
        return false;
    }
}
