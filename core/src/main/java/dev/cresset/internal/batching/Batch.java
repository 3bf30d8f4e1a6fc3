package dev.cresset.internal.batching;

import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The rows that one native call will answer. Its life: callers claim rows, write them and settle them; who runs it seals it,
 * and takes the rows that are settled; who reads its output leaves it, and the last of them gives the buffer back.
 *
 * <p>A row that is claimed but not settled when the batch is sealed is left behind: its caller finds out when it settles
 * ({@link #settle} is false), and moves to another batch. So nobody who runs a batch waits for somebody who writes a row,
 * however slow that one is.
 *
 * <p>Two words decide all races. {@code claimed} grows by one for each claim and is overwritten by the seal: a claim is
 * before or after it. Each row's reference goes from null to its ticket by its writer, or from null to a mark by the seal:
 * whichever comes first. {@code users} counts those who may still touch the buffer; the seal adds them all at once, so that
 * it is zero again exactly when the last of them has left.
 */
final class Batch {

    private static final int SEALED = Integer.MAX_VALUE;

    /** Instead of a ticket, in a row that was given up by its writer. */
    private static final Mark NOBODY = new Mark();

    /** Instead of a ticket, once the batch is sealed. */
    private static final Mark CLOSED = new Mark();

    private final ShapeQueue shapeQueue;
    private final BatchBuffer buffer;
    private final AtomicInteger claimed = new AtomicInteger();
    private final AtomicInteger settled = new AtomicInteger();
    private final AtomicInteger users = new AtomicInteger();
    private final AtomicReferenceArray<@Nullable RowTicket> rows;
    private volatile @Nullable Thread awaitedBy;
    private long firstSettled;
    private @Nullable Value output; // written before anybody is told to read it

    Batch(ShapeQueue shapeQueue, BatchBuffer buffer) {
        this.shapeQueue = shapeQueue;
        this.buffer = buffer;
        this.rows = new AtomicReferenceArray<>(buffer.capacity());
    }

    ShapeQueue shapeQueue() {
        return shapeQueue;
    }

    BatchBuffer buffer() {
        return buffer;
    }

    /** Claims a row; -1 if the batch is full or sealed. */
    int claim() {
        int row = claimed.get();
        while (row < buffer.capacity()) {
            if (claimed.compareAndSet(row, row + 1)) {
                return row;
            }
            row = claimed.get();
        }
        return -1;
    }

    /** Where a claimed row's argument is to be written. */
    Tensor row(int argument, int row) {
        return buffer.row(argument, row);
    }

    /** Hands a written row over; false if it was left behind, and is still its writer's. */
    boolean settle(int row, RowTicket ticket) {
        return rows.compareAndSet(row, null, ticket);
    }

    /** Gives up a claimed row; false if it was left behind, and is still its writer's to {@link #left leave}. */
    boolean abandon(int row) {
        return rows.compareAndSet(row, null, NOBODY);
    }

    /**
     * Counts a row that was settled or given up, after that was done. True for the first of them: the batch is to be made
     * known to those who run.
     */
    boolean count() {
        int count = settled.incrementAndGet();
        Thread waiting = awaitedBy;
        if (waiting != null && isComplete()) {
            LockSupport.unpark(waiting);
        }
        return count == 1;
    }

    /** The time of the first row, for who may wait for more; written before the batch is known to those who run. */
    void firstSettled(long nanoTime) {
        firstSettled = nanoTime;
    }

    long firstSettled() {
        return firstSettled;
    }

    /** Somebody waits for it to be complete, and looks after saying so. */
    void awaitedBy(Thread thread) {
        awaitedBy = thread;
    }

    /** Whether it has as many rows as came together last time. */
    boolean isComplete() {
        return settled.get() >= Math.min(shapeQueue.expected(), buffer.capacity());
    }

    /** Ends the claims, and says how many there were. Once. */
    int seal() {
        return claimed.getAndSet(SEALED);
    }

    /** Whether claims have ended. */
    boolean isSealed() {
        return claimed.get() == SEALED;
    }

    /** What is in a row of a sealed batch: its ticket; {@link #isNobody nobody}; or null, and its writer is left behind. */
    @Nullable
    RowTicket takeRow(int row) {
        return rows.getAndSet(row, CLOSED);
    }

    static boolean isNobody(RowTicket ticket) {
        return ticket == NOBODY;
    }

    /** Adds those who may still touch the buffer, after the seal. */
    void entered(int count) {
        if (users.addAndGet(count) == 0) {
            end();
        }
    }

    /** One user has left. */
    void left() {
        if (users.decrementAndGet() == 0) {
            end();
        }
    }

    /** Keeps the output until the last reader has left. */
    void answered(Value value) {
        output = value;
    }

    private void end() {
        Value read = output;
        if (read != null) {
            read.close(); // a large one would otherwise stay until the buffer's next run
        }
        shapeQueue.giveBack(buffer);
    }

    private static final class Mark extends RowTicket {
        Mark() {
            super(NEVER);
        }

        @Override
        protected void done(Completions completions) {
            throw new IllegalStateException("nobody waits here");
        }

        @Override
        protected Throwable late() {
            throw new IllegalStateException("nobody waits here");
        }
    }
}
