package dev.cresset.spark;

import dev.cresset.InferenceException;
import dev.cresset.InvalidInputException;
import dev.cresset.ModelExecutionException;
import dev.cresset.Outcome;
import dev.cresset.Predictor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Queue;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.Row;
import org.apache.spark.util.TaskCompletionListener;
import org.jspecify.annotations.Nullable;

/**
 * A partition's rows with their answers. Takes a few batches' rows at a time, has them answered together and hands them on in
 * their order; so no more than those are ever held. Where the model is quick the task's own thread runs it; otherwise the
 * predictor's threads do, while this one makes the next rows ready.
 *
 * <p>It holds its executor's predictor until the task is over, however that ends. Used by the task's thread.
 */
final class ScoredRows<I, O> implements Iterator<Row> {

    /** So that one batch is made ready while another runs. */
    private static final int BATCHES_AT_ONCE = 4;

    private final Iterator<Row> rows;
    private final RowHandler<I, O> handler;
    private final PredictorLease<I, O> lease;
    private final RowForm form;
    private final Progress progress;
    private final int atOnce;
    private final Queue<Row> ready = new ArrayDeque<>();
    private long taken;

    private ScoredRows(
            Iterator<Row> rows, RowHandler<I, O> handler, PredictorLease<I, O> lease, RowForm form, Progress progress) {
        this.rows = rows;
        this.handler = handler;
        this.lease = lease;
        this.form = form;
        this.progress = progress;
        this.atOnce = BATCHES_AT_ONCE * lease.predictor().batching().maxSize();
    }

    static <I, O> Iterator<Row> open(ModelOpening<I, O> model, Iterator<Row> rows, RowForm form, Progress progress)
            throws InterruptedException {
        PredictorLease<I, O> lease = model.acquire();
        ScoredRows<I, O> scored = new ScoredRows<>(rows, model.handler(), lease, form, progress);
        TaskContext task = TaskContext.get();
        if (task != null) {
            task.addTaskCompletionListener((TaskCompletionListener) over -> scored.end());
        }
        return scored;
    }

    /** Called when the task is over, and where there is no task, after the last row. */
    private void end() {
        progress.addWorkOf(lease.predictor(), lease.claimed());
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
        List<I> requests = new ArrayList<>(atOnce);
        List<@Nullable String> refusals = new ArrayList<>(atOnce);
        while (some.size() < atOnce && rows.hasNext()) {
            Row row = rows.next();
            some.add(row);
            refusals.add(request(row, requests));
        }
        Iterator<Outcome<O>> outcomes = predictor().predictEach(requests).iterator();
        int failed = 0;
        for (int i = 0; i < some.size(); i++) {
            String refusal = refusals.get(i);
            if (!answer(some.get(i), refusal == null ? outcomes.next() : null, refusal)) {
                failed++;
            }
            taken++;
        }
        progress.add(some.size() - failed, failed);
    }

    private Predictor<I, O> predictor() {
        return lease.predictor();
    }

    /** Why the row cannot be asked; null if it can be, and its request is added. */
    private @Nullable String request(Row row, List<I> requests) {
        try {
            requests.add(handler.request(row));
            return null;
        } catch (RuntimeException e) {
            return reason(e);
        }
    }

    /** Whether the row has an answer. */
    private boolean answer(Row row, @Nullable Outcome<O> outcome, @Nullable String refusal) {
        String reason = refusal;
        if (outcome != null) {
            InferenceException failure = outcome.failure().orElse(null);
            if (failure == null) {
                try {
                    ready.add(form.answered(row, handler.value(outcome.answer())));
                    return true;
                } catch (RuntimeException e) {
                    reason = reason(e);
                }
            } else if (failure instanceof InvalidInputException || failure instanceof ModelExecutionException) {
                reason = reason(failure);
            } else {
                throw failure; // no memory, no engine, a predictor that is closed: no row's fault
            }
        }
        String why = reason == null ? "no reason given" : reason;
        switch (form.handleInvalid()) {
            case ERROR ->
                throw new InvalidInputException("row " + (taken + 1) + " of partition " + TaskContext.getPartitionId()
                        + " cannot be scored: " + why
                        + "; setting handleInvalid to keep or skip goes on without it");
            case KEEP -> ready.add(form.failed(row, why));
            case SKIP -> {}
        }
        return false;
    }

    private static String reason(RuntimeException e) {
        return e.getMessage() == null ? e.toString() : e.getMessage();
    }
}
