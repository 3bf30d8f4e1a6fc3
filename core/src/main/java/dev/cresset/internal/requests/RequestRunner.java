package dev.cresset.internal.requests;

import static java.util.Objects.requireNonNull;

import dev.cresset.Answer;
import dev.cresset.DeadlineExceededException;
import dev.cresset.Handler;
import dev.cresset.InferenceException;
import dev.cresset.InvalidInputException;
import dev.cresset.Outcome;
import dev.cresset.OverloadedException;
import dev.cresset.WhenFull;
import dev.cresset.internal.Failures;
import dev.cresset.internal.batching.Batcher;
import dev.cresset.internal.batching.RowTicket;
import dev.cresset.internal.batching.Waiter;
import dev.cresset.internal.metrics.JfrEvents;
import dev.cresset.internal.metrics.Recorder;
import dev.cresset.tensor.Signature;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a predictor does with items: has the handler write each into a row, has the row run, has the handler read the output.
 * Safe for use by several threads.
 */
public final class RequestRunner<I, O> {

    /** An item whose row was handed over. */
    private record Asked<O>(int index, Answer<O> answer, Waiter ticket) {}

    private final String model;
    private final List<Signature.Parameter> parameters;
    private final Handler<I, O> handler;
    private final Batcher batcher;
    private final boolean blocks;
    private final Metering metering;

    public RequestRunner(
            String model,
            List<Signature.Parameter> parameters,
            Handler<I, O> handler,
            Batcher batcher,
            WhenFull whenFull,
            Metering metering) {
        this.metering = metering;
        this.model = model;
        this.parameters = parameters;
        this.handler = handler;
        this.batcher = batcher;
        this.blocks = whenFull == WhenFull.BLOCK;
    }

    /** Answers an item on the calling thread. */
    public O answer(I item, Deadline deadline) {
        try {
            takeSlot(deadline);
            Waiter ticket = waiter(deadline);
            Answer<O> answer = submit(item, ticket, RequestRunner::ignore);
            await(ticket, deadline);
            return read(answer, ticket);
        } catch (RuntimeException | Error e) {
            failed(e);
            throw e;
        }
    }

    /** Answers items on the calling thread, in their order; together, as far as there are slots. The first that fails, fails all. */
    public List<O> answerAll(List<I> items, Deadline deadline) {
        return new Together(items, deadline, /* failsFast= */ true)
                .run().stream().map(Outcome::answer).toList();
    }

    /** Answers items on the calling thread, in their order; together, as far as there are slots. Each fails alone. */
    public List<Outcome<O>> answerEach(List<I> items, Deadline deadline) {
        return new Together(items, deadline, /* failsFast= */ false).run();
    }

    /** Several items that one thread has under way. */
    private final class Together {
        private final List<I> items;
        private final Deadline deadline;
        private final boolean failsFast;
        private final Deque<Asked<O>> unread;
        private final List<@Nullable Outcome<O>> outcomes;

        Together(List<I> items, Deadline deadline, boolean failsFast) {
            this.items = items;
            this.deadline = deadline;
            this.failsFast = failsFast;
            this.unread = new ArrayDeque<>(items.size());
            this.outcomes = new ArrayList<>(Collections.nCopies(items.size(), null));
        }

        List<Outcome<O>> run() {
            try {
                for (int i = 0; i < items.size(); i++) {
                    ask(i);
                    if ((i + 1) % batcher.largestBatch() == 0) {
                        batcher.call();
                    }
                }
                while (!unread.isEmpty()) {
                    readNext();
                }
            } finally {
                unread.forEach(one -> leave(one.ticket()));
            }
            List<Outcome<O>> all = new ArrayList<>(items.size());
            outcomes.forEach(outcome -> all.add(requireNonNull(outcome)));
            return all;
        }

        private void ask(int index) {
            if (!guarded(index, () -> requireTime(deadline))) {
                return;
            }
            // Items ahead of this one hold slots, which are free when they are read.
            while (!batcher.enter()) {
                if (unread.isEmpty()) {
                    if (!guarded(index, () -> takeSlot(deadline))) {
                        return;
                    }
                    break;
                }
                readNext();
            }
            guarded(index, () -> {
                Waiter ticket = waiter(deadline);
                unread.add(new Asked<>(index, submit(items.get(index), ticket, RequestRunner::ignore), ticket));
            });
        }

        private void readNext() {
            Asked<O> next = unread.element();
            boolean done = guarded(next.index(), () -> await(next.ticket(), deadline));
            unread.remove();
            if (done) {
                guarded(
                        next.index(),
                        () -> outcomes.set(next.index(), Outcome.answered(read(next.answer(), next.ticket()))));
            } else {
                leave(next.ticket());
            }
        }

        /** Whether it did not fail. What fails is the item's, or everybody's. */
        private boolean guarded(int index, Runnable step) {
            try {
                step.run();
                return true;
            } catch (InferenceException e) {
                failed(e);
                boolean isItems = e instanceof InvalidInputException && items.size() > 1;
                if (failsFast) {
                    throw isItems ? Failures.ofItem(index, items.size(), (InvalidInputException) e) : e;
                }
                outcomes.set(index, Outcome.failed(e));
                return false;
            } catch (RuntimeException | Error e) {
                failed(e);
                throw e;
            }
        }
    }

    /** Nobody will read it. */
    private static void leave(RowTicket ticket) {
        if (!ticket.withdraw() && ticket.isDone() && ticket.failure() == null) {
            ticket.output().release();
        }
    }

    private Waiter waiter(Deadline deadline) {
        return new Waiter(deadline.at(), () -> deadlineExceeded(deadline));
    }

    /** To be given to {@link #submit}, which gives it back if the item cannot be asked. */
    void takeSlot(Deadline deadline) {
        requireTime(deadline);
        if (batcher.enter()) {
            return;
        }
        if (!blocks) {
            JfrEvents.rejected(model, batcher.waiting());
            throw new OverloadedException("predictor of " + model + " is overloaded: " + batcher.waiting()
                    + " of " + batcher.queue() + " requests wait; ask less often, or give "
                    + (batcher.isMemoryTheLimit()
                            ? "Predictor.Builder.queueMemory more bytes, for so large are their tensors"
                            : "Predictor.Builder.queue more places"));
        }
        try {
            if (!batcher.enter(deadline.at())) {
                throw deadlineExceeded(deadline);
            }
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    private void requireTime(Deadline deadline) {
        if (deadline.isPast()) {
            throw deadlineExceeded(deadline);
        }
    }

    private static void ignore(Answer<?> answer) {}

    /**
     * Writes an item into a row, and hands that over.
     *
     * @param reader told how the answer is read, before anybody can have run the row
     * @return how the answer is read
     */
    Answer<O> submit(I item, RowTicket ticket, Consumer<? super Answer<O>> reader) {
        ItemWriter filling = new ItemWriter(parameters, batcher);
        boolean success = false;
        Recorder counting = metering.recorder();
        long asked = counting == null ? 0 : System.nanoTime();
        try {
            Answer<O> answer = handler.preprocess(item, filling);
            requireNonNull(answer, "its preprocess returned no Answer");
            reader.accept(answer);
            filling.close();
            if (counting != null) {
                long written = System.nanoTime();
                counting.preprocessed(written - asked);
                ticket.times(asked, written);
            }
            filling.finish(batcher).settle(ticket);
            filling.clear();
            success = true;
            return answer;
        } catch (Exception e) {
            throw failed("preprocess", e);
        } catch (OutOfMemoryError e) {
            throw Failures.ofMemory(model, e);
        } finally {
            if (!success) {
                filling.close();
                filling.giveUp();
                batcher.leave();
            }
        }
    }

    /** There will be no answer. */
    public void failed(Throwable why) {
        metering.failed(why);
    }

    /** There will be no answer, for its caller wants none. */
    void cancelled() {
        metering.tally().cancelled();
    }

    /** For a caller that does not wait: sees to it that somebody runs. */
    void call() {
        batcher.call();
    }

    /** Runs what completes a future, where its callbacks may run. */
    void complete(Runnable end) {
        batcher.complete(end);
    }

    private void await(Waiter ticket, Deadline deadline) {
        try {
            batcher.await(ticket);
        } catch (TimeoutException e) {
            throw deadlineExceeded(deadline);
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    /** Reads the answer of a ticket that is done, and gives its row back. */
    O read(Answer<O> reader, RowTicket ticket) {
        Throwable failure = ticket.failure();
        if (failure != null) {
            throw unchecked(failure);
        }
        Recorder counting = metering.recorder();
        long start = counting == null ? 0 : System.nanoTime();
        O answer = readOutput(reader, ticket);
        metering.tally().answered();
        if (counting != null) {
            long now = System.nanoTime();
            counting.postprocessed(now - start);
            if (ticket.asked() != 0) {
                counting.answered(now - ticket.asked());
            }
        }
        return answer;
    }

    private O readOutput(Answer<O> reader, RowTicket ticket) {
        try {
            LentOutput output = new LentOutput(ticket.output(), handler.isBatched(), model);
            try {
                return reader.postprocess(output.value());
            } catch (Exception e) {
                throw failed("postprocess", e);
            } finally {
                output.close();
            }
        } finally {
            ticket.output().release();
        }
    }

    private RuntimeException unchecked(Throwable failure) {
        if (failure instanceof OutOfMemoryError error) {
            return Failures.ofMemory(model, error);
        }
        if (failure instanceof Error error) {
            throw error;
        }
        return (RuntimeException) failure;
    }

    DeadlineExceededException deadlineExceeded(Deadline deadline) {
        return new DeadlineExceededException("predictor of " + model + " had no answer " + deadline.text() + ": "
                + batcher.waiting() + " requests wait, " + batcher.running() + " batches run");
    }

    private CancellationException interrupted() {
        Thread.currentThread().interrupt();
        return new CancellationException("interrupted while waiting for an answer of " + model);
    }

    private InferenceException failed(String method, Exception e) {
        return Failures.ofHandler(model, handler, method, e);
    }
}
