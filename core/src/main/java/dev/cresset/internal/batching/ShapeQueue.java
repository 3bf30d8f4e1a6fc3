package dev.cresset.internal.batching;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where items of one layout line up: a batch that is open for claims, and the buffers that are free. Safe for use by several
 * threads.
 */
final class ShapeQueue {

    private static final long LARGE = 64L << 10;
    private static final VarHandle OPEN;

    static {
        try {
            OPEN = MethodHandles.lookup().findVarHandle(ShapeQueue.class, "open", Batch.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Layout layout;
    private final Blocks buffers;
    private volatile Batch open;
    /** By the number of their replica. */
    private final List<ConcurrentLinkedDeque<BatchBuffer>> free;

    /** What the large ones of the free buffers come to, in bytes. */
    private final AtomicLong kept = new AtomicLong();

    private volatile int expected = 1;
    private volatile boolean retired;

    /** Makes buffers, and closes those that nobody needs. */
    interface Blocks {
        BatchBuffer make(Layout layout, int replicaNumber);

        /** The number of the replica that the next batch is to run on; there are so many. */
        default int nextHome() {
            return 0;
        }

        default int homes() {
            return 1;
        }

        /** Whether a large buffer is kept for the queue's next batch, which brings its free ones to so many bytes. */
        default boolean keeps(ShapeQueue queue, BatchBuffer buffer, long free) {
            return true;
        }

        /** One that was kept is used again. */
        default void taken(BatchBuffer buffer) {}

        void discard(BatchBuffer buffer);
    }

    ShapeQueue(Layout layout, Blocks buffers) {
        this.layout = layout;
        this.buffers = buffers;
        this.free = Stream.generate(ConcurrentLinkedDeque<BatchBuffer>::new)
                .limit(buffers.homes())
                .toList();
        this.open = fresh();
    }

    Layout layout() {
        return layout;
    }

    /** The batch to claim a row of; if there is none left, call {@link #replace} and ask again. */
    Batch open() {
        return open;
    }

    /** Opens another batch instead of one that takes no more claims. */
    void replace(Batch full) {
        if (open != full) {
            return;
        }
        Batch next = fresh();
        if (!OPEN.compareAndSet(this, full, next)) {
            giveBack(next.buffer());
        }
    }

    /** A batch that is not open, for the replica whose turn it is. */
    Batch fresh() {
        return fresh(buffers.nextHome());
    }

    /** A batch that is not open, for this replica. */
    Batch fresh(int replicaNumber) {
        BatchBuffer buffer = poll(free.get(replicaNumber));
        return new Batch(this, buffer != null ? buffer : buffers.make(layout, replicaNumber));
    }

    /** The buffer that was used last is used next: it is in the processor's cache. */
    void giveBack(BatchBuffer buffer) {
        if (isLarge(buffer) && !buffers.keeps(this, buffer, kept.addAndGet(buffer.bytes()))) {
            kept.addAndGet(-buffer.bytes());
            buffers.discard(buffer);
            return;
        }
        free.get(buffer.replicaNumber()).addFirst(buffer);
        if (retired) {
            discardFree(); // looked at after the buffer is there: who retires the queue says so before looking for
            // buffers
        }
    }

    private @Nullable BatchBuffer poll(ConcurrentLinkedDeque<BatchBuffer> ofOne) {
        BatchBuffer buffer = ofOne.pollFirst();
        if (buffer != null && isLarge(buffer)) {
            kept.addAndGet(-buffer.bytes());
            buffers.taken(buffer);
        }
        return buffer;
    }

    /** Small ones are kept, all of them: as many as may wait by default come to no more than large ones may. */
    private static boolean isLarge(BatchBuffer buffer) {
        return buffer.bytes() > LARGE;
    }

    /** How many came together last time. */
    int expected() {
        return expected;
    }

    void expect(int rows) {
        if (expected != rows) {
            expected = rows;
        }
    }

    /** Keeps no free buffers any more. What is claimed already goes on. */
    void retire() {
        retired = true;
        discardFree();
    }

    /** Gives the memory of all free buffers back. */
    void discardFree() {
        for (ConcurrentLinkedDeque<BatchBuffer> ofOne : free) {
            for (BatchBuffer buffer = poll(ofOne); buffer != null; buffer = poll(ofOne)) {
                buffers.discard(buffer);
            }
        }
    }
}
