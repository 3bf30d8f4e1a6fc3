package dev.cresset.internal.batching;

import dev.cresset.tensor.DataType;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The queues of a model, one to a layout, and the buffers that they have. There are few queues: a layout too many takes the
 * place of the oldest, so that inputs of ever new sizes do not fill the memory. Safe for use by several threads.
 */
final class ShapeQueues implements ShapeQueue.Blocks, AutoCloseable {

    private static final int MOST = 32;

    /** What free buffers of one layout may come to, in bytes: after a burst, the rest goes back to the system. */
    private static final long MOST_KEPT = 64L << 20;

    private final boolean counted;
    private final Buckets buckets;
    private final Replicas replicas;
    private final QueueSlots slots;
    private final int workers;
    private final Set<BatchBuffer> buffers = ConcurrentHashMap.newKeySet();
    /** What the large ones of the free buffers of all queues come to, in bytes. */
    private final AtomicLong kept = new AtomicLong();

    /** Oldest first; replaced as a whole. */
    private volatile List<ShapeQueue> shapeQueues = List.of();

    ShapeQueues(boolean counted, Buckets buckets, Replicas replicas, QueueSlots slots, int workers) {
        this.counted = counted;
        this.buckets = buckets;
        this.replicas = replicas;
        this.slots = slots;
        this.workers = workers;
    }

    /** The queue whose layout begins with this tensor, the newest if there are several. Hot path. */
    @Nullable
    ShapeQueue beginningWith(DataType type, long[] shape, boolean inList) {
        List<ShapeQueue> now = shapeQueues;
        for (int i = now.size() - 1; i >= 0; i--) {
            if (now.get(i).layout().isTensor(0, type, shape, inList)) {
                return now.get(i);
            }
        }
        return null;
    }

    /** The queue of a layout. */
    synchronized ShapeQueue of(Layout layout) {
        for (ShapeQueue shapeQueue : shapeQueues) {
            if (shapeQueue.layout().equals(layout)) {
                return shapeQueue;
            }
        }
        ShapeQueue shapeQueue = new ShapeQueue(layout, this);
        List<ShapeQueue> more = new ArrayList<>(shapeQueues);
        if (more.size() == MOST) {
            more.remove(0).retire();
        }
        more.add(shapeQueue);
        shapeQueues = List.copyOf(more);
        slots.rowsOf(more.stream().mapToLong(one -> one.layout().bytes()).max().orElse(0));
        return shapeQueue;
    }

    @Override
    public int homes() {
        return replicas.count();
    }

    @Override
    public int nextHome() {
        return replicas.next();
    }

    @Override
    public BatchBuffer make(Layout layout, int replicaNumber) {
        BatchBuffer buffer;
        try {
            buffer = allocate(layout, replicaNumber);
        } catch (OutOfMemoryError e) {
            shapeQueues.forEach(ShapeQueue::discardFree);
            buffer = allocate(layout, replicaNumber);
        }
        buffers.add(buffer);
        return buffer;
    }

    private BatchBuffer allocate(Layout layout, int replicaNumber) {
        return new BatchBuffer(layout, counted, buckets.fitting(layout), replicas.get(replicaNumber), replicaNumber);
    }

    @Override
    public boolean keeps(ShapeQueue queue, BatchBuffer buffer, long free) {
        // Two for each worker at least: one that it runs, and one that is filled meanwhile.
        if (free > Math.max(MOST_KEPT, 2L * workers * buffer.bytes())) {
            return false;
        }
        boolean fits = kept.addAndGet(buffer.bytes()) <= slots.memory();
        for (ShapeQueue older : shapeQueues) {
            if (!fits && older != queue) {
                older.discardFree();
                fits = kept.get() <= slots.memory();
            }
        }
        if (!fits) {
            taken(buffer);
        }
        return fits;
    }

    @Override
    public void taken(BatchBuffer buffer) {
        kept.addAndGet(-buffer.bytes());
    }

    @Override
    public void discard(BatchBuffer buffer) {
        if (buffers.remove(buffer)) {
            buffer.close();
        }
    }

    /** Closes all buffers. Nobody may be using one. */
    @Override
    public void close() {
        List.copyOf(buffers).forEach(this::discard);
    }
}
