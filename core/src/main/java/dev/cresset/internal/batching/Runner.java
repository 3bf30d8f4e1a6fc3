package dev.cresset.internal.batching;

import dev.cresset.internal.metrics.JfrEvents;
import dev.cresset.internal.metrics.Recorder;
import dev.cresset.internal.metrics.Tally;
import dev.cresset.tensor.Value;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs batches: seals one, brings its rows together, makes the native call and tells the tickets. Safe for use by several
 * threads, each with a batch of its own.
 */
final class Runner {

    private final String model;
    private final Buckets buckets;
    private final QueueSlots slots;
    private final RunProfile profile;
    private final @Nullable Executor executor;
    /** What the executor has not run yet. */
    private final Set<Completions> handedOver = ConcurrentHashMap.newKeySet();

    private final Tally tally;
    private final Supplier<@Nullable Recorder> recorder;

    Runner(
            String model,
            Buckets buckets,
            QueueSlots slots,
            RunProfile profile,
            @Nullable Executor executor,
            Tally tally,
            Supplier<@Nullable Recorder> recorder) {
        this.model = model;
        this.tally = tally;
        this.recorder = recorder;
        this.buckets = buckets;
        this.slots = slots;
        this.profile = profile;
        this.executor = executor;
    }

    /** Runs a batch; what it returns is to be dispatched. */
    Completions run(Batch batch) {
        Completions completions =
                new Completions(executor, handedOver, batch.buffer().capacity());
        Taken taken = take(batch, completions);
        batch.entered(taken.count + taken.leftBehind);
        if (taken.count > 0) {
            batch.shapeQueue().expect(taken.count);
            profile.together(taken.count);
            runTaken(batch, taken, completions);
        }
        return completions;
    }

    private void runTaken(Batch batch, Taken taken, Completions completions) {
        RowTicket[] tickets = Arrays.copyOf(taken.tickets, taken.count);
        Batch target;
        try {
            target = together(batch, taken);
        } catch (Throwable e) {
            // No memory to move to. Nothing has moved then.
            for (RowTicket ticket : tickets) {
                ticket.fail(e, completions);
                batch.left();
            }
            return;
        }
        try {
            answer(target, tickets, completions);
        } catch (Throwable e) {
            // Whatever it is, nobody waits for ever.
            for (RowTicket ticket : tickets) {
                ticket.fail(e, completions);
            }
        }
    }

    /** Completes a future that has no row any more, where callbacks may run. */
    void complete(Runnable end) {
        Completions completions = new Completions(executor, handedOver, 1);
        completions.add(end);
        completions.dispatch();
    }

    /** Completes what an executor was given and has not run. */
    void completeRest() {
        handedOver.forEach(Completions::onOwnThread);
    }

    /** Fails a batch's rows instead. */
    void refuse(Batch batch, Throwable reason) {
        Completions completions =
                new Completions(executor, handedOver, batch.buffer().capacity());
        Taken taken = take(batch, completions);
        batch.entered(taken.leftBehind);
        for (int i = 0; i < taken.count; i++) {
            taken.tickets[i].fail(reason, completions);
        }
        completions.dispatch();
    }

    /** The rows of a sealed batch that somebody still waits for. */
    private static final class Taken {
        final RowTicket[] tickets;
        final int[] rows;
        int count;
        int leftBehind;
        /** The first row whose writer is left behind, and may be writing now. */
        int firstLeftBehind = Integer.MAX_VALUE;

        Taken(int claims) {
            tickets = new RowTicket[claims];
            rows = new int[claims];
        }
    }

    private Taken take(Batch batch, Completions completions) {
        int claims = batch.seal();
        Taken taken = new Taken(claims);
        int left = 0;
        for (int row = 0; row < claims; row++) {
            RowTicket ticket = batch.takeRow(row);
            if (ticket == null) {
                taken.firstLeftBehind = Math.min(taken.firstLeftBehind, row);
                taken.leftBehind++;
            } else if (!Batch.isNobody(ticket) && ticket.take()) {
                left++;
                if (!ticket.isWanted()) {
                    ticket.fail(new CancellationException(), completions);
                } else if (ticket.hasDeadline() && ticket.remaining() <= 0) {
                    ticket.fail(ticket.late(), completions);
                } else {
                    taken.tickets[taken.count] = ticket;
                    taken.rows[taken.count] = row;
                    taken.count++;
                }
            }
        }
        slots.leave(left);
        return taken;
    }

    /**
     * Brings the rows to the front, filled up to a bucket; in the same buffer, unless somebody is writing there. Then they move
     * to a buffer of their own, and leave this one.
     */
    private Batch together(Batch batch, Taken taken) {
        int bucket = buckets.size(buckets.indexFor(taken.count));
        Batch target = batch;
        if (taken.firstLeftBehind < bucket) {
            target = batch.shapeQueue().fresh();
            target.entered(taken.count);
            for (int i = 0; i < taken.count; i++) {
                target.buffer().copyRow(batch.buffer(), taken.rows[i], i);
                batch.left();
            }
        } else {
            closeUp(batch.buffer(), taken);
        }
        for (int i = taken.count; i < bucket; i++) {
            target.buffer().copyRow(target.buffer(), taken.count - 1, i);
        }
        return target;
    }

    /** Rows are in their order, so each moves to the front or stays. */
    private static void closeUp(BatchBuffer buffer, Taken taken) {
        for (int i = 0; i < taken.count; i++) {
            if (taken.rows[i] != i) {
                buffer.copyRow(buffer, taken.rows[i], i);
            }
        }
    }

    private void answer(Batch batch, RowTicket[] tickets, Completions completions) {
        int rows = tickets.length;
        if (rows > 1 && profile.isOneByOne()) {
            eachAlone(batch, tickets, completions);
            return;
        }
        int bucket = buckets.indexFor(rows);
        Value value;
        try {
            value = compute(batch.buffer(), bucket, tickets);
            if (rows > 1 && !Outputs.count(value, buckets.size(bucket))) {
                profile.oneByOne("it answers " + buckets.size(bucket) + " items with " + value);
                eachAlone(batch, tickets, completions);
                return;
            }
        } catch (Throwable e) {
            if (rows > 1) {
                eachAlone(batch, tickets, completions);
            } else {
                tickets[0].fail(e, completions);
                batch.left();
            }
            return;
        }
        batch.answered(value);
        for (int i = 0; i < rows; i++) {
            tickets[i].answer(new RowOutput(batch, value, i, buckets.size(bucket)), completions);
        }
    }

    /** The native call, and what those see who look. */
    private Value compute(BatchBuffer buffer, int bucket, RowTicket[] tickets) {
        tally.ran(tickets.length, buckets.size(bucket));
        Recorder counting = recorder.get();
        Object event = JfrEvents.beginBatch();
        if (counting == null && event == null) {
            return profile.run(buffer, bucket);
        }
        long start = System.nanoTime();
        try {
            return profile.run(buffer, bucket);
        } finally {
            int size = buckets.size(bucket);
            JfrEvents.endBatch(event, model, tickets.length, size);
            if (counting != null) {
                counting.ran(tickets.length, System.nanoTime() - start);
                for (RowTicket ticket : tickets) {
                    if (ticket.written() != 0) {
                        counting.waited(start - ticket.written());
                    }
                }
            }
        }
    }

    /** Only the one that is at fault fails. */
    private void eachAlone(Batch batch, RowTicket[] tickets, Completions completions) {
        for (int i = 0; i < tickets.length; i++) {
            try {
                Batch alone = batch.shapeQueue().fresh();
                alone.entered(1);
                alone.buffer().copyRow(batch.buffer(), i, 0);
                answer(alone, new RowTicket[] {tickets[i]}, completions);
            } catch (Throwable e) {
                tickets[i].fail(e, completions);
            }
            batch.left();
        }
    }
}
