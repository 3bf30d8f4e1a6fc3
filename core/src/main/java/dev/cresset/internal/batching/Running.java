package dev.cresset.internal.batching;

import dev.cresset.engine.EngineSession;
import dev.cresset.internal.metrics.JfrEvents;
import dev.cresset.internal.metrics.Tally;
import dev.cresset.tensor.Value;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A batch's rows on their way through a call, from {@link Runner#start} to {@link Runner#finish}. Used by one thread. */
final class Running {

    final Batch batch;
    final RowTicket[] tickets;
    final Completions completions;
    private @Nullable EngineSession call;
    private @Nullable Throwable failure;
    private boolean begun;

    long start;

    @Nullable
    Object event;

    Running(Batch batch, RowTicket[] tickets, Completions completions) {
        this.batch = batch;
        this.tickets = tickets;
        this.completions = completions;
    }

    /** Begins to compute; what fails is thrown by {@link #await}. */
    void begin(Tally tally, int bucket, Buckets buckets) {
        tally.ran(tickets.length, buckets.size(bucket));
        begun = true;
        event = JfrEvents.beginBatch();
        start = System.nanoTime();
        try {
            EngineSession prepared = batch.buffer().call(bucket);
            prepared.start();
            call = prepared;
        } catch (Throwable e) {
            failure = e;
        }
    }

    boolean isBegun() {
        return begun;
    }

    /** How long the device was at it, once it is awaited; zero where none was. */
    long deviceNanos() {
        return call == null ? 0 : call.deviceNanos();
    }

    /** Waits for the output, which is lent until the next run. */
    Value await() throws Throwable {
        if (failure != null) {
            throw failure;
        }
        EngineSession started = Objects.requireNonNull(call, "it was not begun");
        started.await();
        return started.result();
    }
}
