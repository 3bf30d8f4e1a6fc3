package dev.cresset.internal.requests;

import dev.cresset.DeadlineExceededException;
import dev.cresset.Handler;
import dev.cresset.InferenceException;
import dev.cresset.InvalidInputException;
import dev.cresset.OverloadedException;
import dev.cresset.WhenFull;
import dev.cresset.internal.Durations;
import dev.cresset.internal.Failures;
import dev.cresset.internal.batching.Batcher;
import dev.cresset.internal.batching.Ticket;
import dev.cresset.internal.batching.Waiter;
import dev.cresset.internal.metrics.JfrEvents;
import dev.cresset.internal.metrics.Recorder;
import dev.cresset.tensor.Signature;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeoutException;

/**
 * What a predictor does with items: has the handler write each into a row, has the row run, has the handler read the output.
 * Safe for use by several threads.
 */
public final class Answers<I, O> {

    private final String model;
    private final List<Signature.Parameter> parameters;
    private final Handler<I, O> handler;
    private final Batcher batcher;
    private final boolean blocks;
    private final Metering metering;

    public Answers(
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
    public O answer(I item, long deadline) {
        try {
            takePlace(deadline);
            Waiter ticket = waiter(deadline);
            submit(item, ticket);
            await(ticket);
            return read(item, ticket);
        } catch (RuntimeException | Error e) {
            failed(e);
            throw e;
        }
    }

    /** Answers items on the calling thread, in their order; together, as far as there are places. */
    public List<O> answerAll(List<I> items, long deadline) {
        Deque<Waiter> tickets = new ArrayDeque<>(items.size()); // those that are not read yet
        List<O> answers = new ArrayList<>(items.size());
        int failing = -1;
        try {
            requireTime(deadline);
            for (int i = 0; i < items.size(); i++) {
                while (!batcher.enter()) {
                    if (tickets.isEmpty()) {
                        takePlace(deadline);
                        break;
                    }
                    failing = answers.size();
                    readNext(items, tickets, answers);
                }
                failing = i;
                Waiter ticket = waiter(deadline);
                submit(items.get(i), ticket);
                tickets.add(ticket);
                if ((i + 1) % batcher.largestBatch() == 0) {
                    batcher.call();
                }
            }
            while (answers.size() < items.size()) {
                failing = answers.size();
                readNext(items, tickets, answers);
            }
            return answers;
        } catch (InvalidInputException e) {
            failed(e);
            throw items.size() == 1 ? e : Failures.ofItem(failing, items.size(), e);
        } catch (RuntimeException | Error e) {
            failed(e);
            throw e;
        } finally {
            tickets.forEach(Answers::leave);
        }
    }

    private void readNext(List<I> items, Deque<Waiter> tickets, List<O> answers) {
        await(tickets.element());
        answers.add(read(items.get(answers.size()), tickets.remove()));
    }

    /** Nobody will read it. */
    private static void leave(Ticket ticket) {
        if (!ticket.withdraw() && ticket.isDone() && ticket.failure() == null) {
            ticket.output().release();
        }
    }

    private Waiter waiter(long deadline) {
        return new Waiter(deadline, this::late);
    }

    /** To be given to {@link #submit}, which gives it back if the item cannot be asked. */
    void takePlace(long deadline) {
        requireTime(deadline);
        if (batcher.enter()) {
            return;
        }
        if (!blocks) {
            JfrEvents.rejected(model, batcher.waiting());
            throw new OverloadedException("predictor of " + model + " is overloaded: " + batcher.waiting()
                    + " of " + batcher.queue() + " requests wait; ask less often, or give Predictor.Builder.queue more"
                    + " places");
        }
        try {
            if (!batcher.enter(deadline)) {
                throw late();
            }
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    private void requireTime(long deadline) {
        if (deadline != Ticket.NEVER && deadline - System.nanoTime() <= 0) {
            throw late();
        }
    }

    /** Writes an item into a row, and hands that over. */
    void submit(I item, Ticket ticket) {
        Filling filling = new Filling(parameters, batcher);
        boolean success = false;
        Recorder counting = metering.recorder();
        long asked = counting == null ? 0 : System.nanoTime();
        try {
            handler.preprocess(item, filling);
            filling.close();
            if (counting != null) {
                long written = System.nanoTime();
                counting.preprocessed(written - asked);
                ticket.times(asked, written);
            }
            filling.finish(batcher).settle(ticket);
            filling.clear();
            success = true;
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

    private void await(Waiter ticket) {
        try {
            batcher.await(ticket);
        } catch (TimeoutException e) {
            throw late();
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    /** Reads the answer of a ticket that is done, and gives its row back. */
    O read(I item, Ticket ticket) {
        Throwable failure = ticket.failure();
        if (failure != null) {
            throw unchecked(failure);
        }
        Recorder counting = metering.recorder();
        long start = counting == null ? 0 : System.nanoTime();
        O answer = readOutput(item, ticket);
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

    private O readOutput(I item, Ticket ticket) {
        try {
            LentOutput output = new LentOutput(ticket.output(), handler.isBatched(), model);
            try {
                return handler.postprocess(item, output.value());
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

    DeadlineExceededException late() {
        return new DeadlineExceededException("predictor of " + model + " had no answer in time: " + batcher.waiting()
                + " requests wait, " + batcher.running() + " batches run");
    }

    private CancellationException interrupted() {
        Thread.currentThread().interrupt();
        return new CancellationException("interrupted while waiting for an answer of " + model);
    }

    private InferenceException failed(String method, Exception e) {
        return Failures.ofHandler(model, handler, method, e);
    }

    /** When a request is late that may take so long, as {@link System#nanoTime} counts. */
    public static long deadline(Duration most) {
        long nanos = Durations.nanos(most);
        if (nanos == Long.MAX_VALUE) {
            return Ticket.NEVER;
        }
        return System.nanoTime() + Math.max(-1, nanos);
    }
}
