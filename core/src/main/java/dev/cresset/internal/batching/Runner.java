package dev.cresset.internal.batching;

import dev.cresset.DeviceFailedException;
import dev.cresset.OutOfDeviceMemoryException;
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
    private final Replicas replicas;
    private final QueueSlots slots;
    private final RunProfile profile;
    private final RowsAlone rowsAlone;
    private final @Nullable Executor executor;
    private static final RowTicket[] NOBODY = {};

    /** What the executor has not run yet. */
    private final Set<Completions> handedOver = ConcurrentHashMap.newKeySet();

    private final Tally tally;
    private final Supplier<@Nullable Recorder> recorder;

    Runner(
            String model,
            Buckets buckets,
            Replicas replicas,
            QueueSlots slots,
            RunProfile profile,
            RowsAlone rowsAlone,
            @Nullable Executor executor,
            Tally tally,
            Supplier<@Nullable Recorder> recorder) {
        this.model = model;
        this.tally = tally;
        this.recorder = recorder;
        this.buckets = buckets;
        this.replicas = replicas;
        this.slots = slots;
        this.profile = profile;
        this.rowsAlone = rowsAlone;
        this.executor = executor;
    }

    /** Runs a batch where it was meant to be run; what it returns is to be dispatched. */
    Completions run(Batch batch) {
        return finish(taken(batch, batch.buffer().replicaNumber()));
    }

    /**
     * Runs the first half: brings a batch's rows to a replica, and begins to compute them. Ended by {@link #finish}, on the same thread, which
     * may begin another one before.
     */
    Running start(Batch batch, int replicaNumber) {
        Running running = taken(batch, replicaNumber);
        if (running.tickets.length > 0 && !isOneByOne(running.tickets.length)) {
            running.begin(tally, buckets.indexFor(running.tickets.length), buckets);
        }
        return running;
    }

    /** Runs what is left; what it returns is to be dispatched. */
    Completions finish(Running running) {
        if (running.tickets.length > 0) {
            try {
                answer(running.batch, running.tickets, running.completions, running, /* mayHalve= */ true);
            } catch (Throwable e) {
                // Whatever it is, nobody waits for ever.
                for (RowTicket ticket : running.tickets) {
                    ticket.fail(e, running.completions);
                }
            }
        }
        return running.completions;
    }

    /** The rows of a batch that are to be run, at the front of this replica's memory. */
    private Running taken(Batch batch, int replicaNumber) {
        Completions completions =
                new Completions(executor, handedOver, batch.buffer().capacity());
        Taken taken = take(batch, completions);
        batch.entered(taken.count + taken.leftBehind);
        if (taken.count == 0) {
            return new Running(batch, NOBODY, completions);
        }
        batch.shapeQueue().expect(taken.count);
        profile.together(taken.count);
        RowTicket[] tickets = Arrays.copyOf(taken.tickets, taken.count);
        try {
            return new Running(together(batch, taken, replicaNumber), tickets, completions);
        } catch (Throwable e) {
            // No memory to move to. Nothing has moved then.
            failAll(batch, tickets, e, completions);
            return new Running(batch, NOBODY, completions);
        }
    }

    private static void failAll(Batch batch, RowTicket[] tickets, Throwable why, Completions completions) {
        for (RowTicket ticket : tickets) {
            ticket.fail(why, completions);
            batch.left();
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
     * Brings the rows to the front, filled up to a bucket; in the same buffer, unless somebody is writing there, or it is another replica's. Then
     * they move to a buffer of their own, and leave this one.
     */
    private Batch together(Batch batch, Taken taken, int replicaNumber) {
        int bucket = buckets.size(buckets.indexFor(taken.count));
        Batch target = batch;
        if (taken.firstLeftBehind < bucket || batch.buffer().replicaNumber() != replicaNumber) {
            target = batch.shapeQueue().fresh(replicaNumber);
            target.entered(taken.count);
            for (int i = 0; i < taken.count; i++) {
                target.buffer().copyRow(batch.buffer(), taken.rows[i], i);
                batch.left();
            }
        } else {
            closeUp(batch.buffer(), taken);
        }
        fillUp(target.buffer(), taken.count, bucket);
        return target;
    }

    private static void fillUp(BatchBuffer buffer, int rows, int bucket) {
        for (int i = rows; i < bucket; i++) {
            buffer.copyRow(buffer, rows - 1, i);
        }
    }

    /** Rows are in their order, so each moves to the front or stays. */
    private static void closeUp(BatchBuffer buffer, Taken taken) {
        for (int i = 0; i < taken.count; i++) {
            if (taken.rows[i] != i) {
                buffer.copyRow(buffer, taken.rows[i], i);
            }
        }
    }

    private boolean isOneByOne(int rows) {
        return rows > 1 && profile.isOneByOne();
    }

    private void answer(
            Batch batch, RowTicket[] tickets, Completions completions, @Nullable Running running, boolean mayHalve) {
        int rows = tickets.length;
        Running begun = running != null && running.isBegun() ? running : null;
        if (begun == null && isOneByOne(rows)) {
            eachAlone(batch, tickets, completions);
            return;
        }
        int bucket = buckets.indexFor(rows);
        Value value;
        try {
            value = begun != null ? computed(begun) : compute(batch.buffer(), bucket, tickets);
            if (rows > 1 && !Outputs.count(value, buckets.size(bucket))) {
                profile.oneByOne("it answers " + buckets.size(bucket) + " items with " + value);
                eachAlone(batch, tickets, completions);
                return;
            }
            if (rows > 1 && !rowsAlone.isKnown()) {
                rowsAlone.differenceIn(batch, value, rows).ifPresent(profile::oneByOne);
                if (profile.isOneByOne()) {
                    eachAlone(batch, tickets, completions);
                    return;
                }
            }
        } catch (Throwable e) {
            failed(batch, tickets, completions, e, mayHalve);
            return;
        }
        batch.answered(value);
        for (int i = 0; i < rows; i++) {
            tickets[i].answer(new RowOutput(batch, value, i, buckets.size(bucket)), completions);
        }
    }

    /** A device that has failed is not asked again: nor is another, for it may be a row that it failed by. */
    private void failed(Batch batch, RowTicket[] tickets, Completions completions, Throwable why, boolean mayHalve) {
        boolean isDeviceFull = why instanceof OutOfDeviceMemoryException;
        if (why instanceof DeviceFailedException) {
            replicas.fails(batch.buffer().replicaNumber());
            failAll(batch, tickets, why, completions);
        } else if (tickets.length == 1 || (isDeviceFull && !mayHalve)) {
            failAll(batch, tickets, why, completions);
        } else if (isDeviceFull) {
            inHalves(batch, tickets, completions);
        } else {
            eachAlone(batch, tickets, completions);
        }
    }

    /** What was begun, once it has come to its end, and what those see who look. */
    private Value computed(Running running) throws Throwable {
        try {
            return running.await();
        } finally {
            saw(running.tickets, running.start, running.deviceNanos(), running.event);
        }
    }

    private void saw(RowTicket[] tickets, long start, long deviceNanos, @Nullable Object event) {
        JfrEvents.endBatch(event, model, tickets.length, buckets.size(buckets.indexFor(tickets.length)));
        Recorder counting = recorder.get();
        if (counting != null) {
            counting.ran(tickets.length, System.nanoTime() - start);
            if (deviceNanos > 0) {
                counting.computed(deviceNanos);
            }
            for (RowTicket ticket : tickets) {
                if (ticket.written() != 0) {
                    counting.waited(start - ticket.written());
                }
            }
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
            saw(tickets, start, buffer.deviceNanos(bucket), event);
        }
    }

    /** Only the one that is at fault fails. */
    private void eachAlone(Batch batch, RowTicket[] tickets, Completions completions) {
        for (int i = 0; i < tickets.length; i++) {
            part(batch, tickets, i, i + 1, completions);
        }
    }

    /** Once: half of it may find room on its device where the whole does not. */
    private void inHalves(Batch batch, RowTicket[] tickets, Completions completions) {
        int half = (tickets.length + 1) / 2;
        part(batch, tickets, 0, half, completions);
        part(batch, tickets, half, tickets.length, completions);
    }

    /** Runs some rows of a batch in memory of their own. */
    private void part(Batch batch, RowTicket[] tickets, int from, int to, Completions completions) {
        RowTicket[] some = Arrays.copyOfRange(tickets, from, to);
        try {
            Batch target = batch.shapeQueue().fresh(batch.buffer().replicaNumber());
            target.entered(some.length);
            for (int i = 0; i < some.length; i++) {
                target.buffer().copyRow(batch.buffer(), from + i, i);
            }
            fillUp(target.buffer(), some.length, buckets.size(buckets.indexFor(some.length)));
            answer(target, some, completions, /* running= */ null, /* mayHalve= */ false);
        } catch (Throwable e) {
            for (RowTicket ticket : some) {
                ticket.fail(e, completions);
            }
        }
        for (int i = from; i < to; i++) {
            batch.left();
        }
    }
}
