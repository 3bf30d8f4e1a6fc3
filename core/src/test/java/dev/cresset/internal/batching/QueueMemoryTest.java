package dev.cresset.internal.batching;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.engine.EngineSession;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What waiting rows may take, and what is given back after there were many. */
class QueueMemoryTest {

    private static final int MEGABYTE = 1 << 20;

    /** A replica with so much memory. */
    private static final class Small implements Replica {
        private final long memory;
        private final List<Tensor> allocated = new ArrayList<>();

        Small(long memory) {
            this.memory = memory;
        }

        @Override
        public EngineSession prepare(List<Value> arguments) {
            throw new AssertionError("nothing runs here");
        }

        @Override
        public Tensor allocate(DataType type, long... shape) {
            if (taken() + shape[0] * shape[1] > memory) {
                throw new OutOfMemoryError("Cannot reserve direct buffer memory");
            }
            Tensor tensor = Tensor.allocate(type, shape);
            allocated.add(tensor);
            return tensor;
        }

        long taken() {
            return allocated.stream()
                    .filter(tensor -> !tensor.isClosed())
                    .mapToLong(Tensor::elements)
                    .sum();
        }
    }

    private final Small replica = new Small(1000L * MEGABYTE);
    private final QueueSlots slots = new QueueSlots(100, 200 * MEGABYTE);
    private final ShapeQueues shapeQueues = queues(replica, slots);

    private static ShapeQueues queues(Replica replica, QueueSlots slots) {
        return new ShapeQueues(true, Buckets.upTo(1), new Replicas(List.of(replica)), slots, 2);
    }

    @AfterEach
    void close() {
        shapeQueues.close();
    }

    private static Layout bytes(long count) {
        return new Layout(List.of(new Layout.TensorArgument(DataType.UINT8, new long[] {count}, false)));
    }

    /** As many batches as a burst brings, all at once. */
    private List<BatchBuffer> burst(ShapeQueue shapeQueue, int batches) {
        List<BatchBuffer> buffers = new ArrayList<>();
        for (int i = 0; i < batches; i++) {
            buffers.add(shapeQueue.fresh().buffer());
        }
        buffers.forEach(shapeQueue::giveBack);
        return buffers;
    }

    private static long kept(ShapeQueue shapeQueue, List<BatchBuffer> buffers) {
        long kept = 0;
        for (int i = 0; i < buffers.size(); i++) {
            kept += buffers.contains(shapeQueue.fresh().buffer()) ? 1 : 0;
        }
        return kept;
    }

    @Test
    void slots_areAsManyAsTheMemoryHasRows() {
        shapeQueues.of(bytes(25 * MEGABYTE));

        assertThat(slots.limit()).isEqualTo(8);
        assertThat(slots.isMemoryTheLimit()).isTrue();
    }

    @Test
    void slots_ofSmallRows_areAsManyAsAsked() {
        shapeQueues.of(bytes(4));

        assertThat(slots.limit()).isEqualTo(100);
        assertThat(slots.isMemoryTheLimit()).isFalse();
    }

    @Test
    void slots_comeBack_whenTheLargestLayoutIsForgotten() {
        shapeQueues.of(bytes(201 * MEGABYTE));
        assertThat(slots.limit()).isEqualTo(1);

        for (int i = 1; i <= 32; i++) {
            shapeQueues.of(bytes(i));
        }

        assertThat(slots.limit()).isEqualTo(100);
    }

    @Test
    void slots_thatAreTaken_areWaitedFor_whenLargerRowsCome() {
        for (int i = 0; i < 20; i++) {
            assertThat(slots.enter()).isTrue();
        }
        shapeQueues.of(bytes(25 * MEGABYTE));
        assertThat(slots.waiting()).isEqualTo(20);
        assertThat(slots.enter()).isFalse();

        slots.leave(12);
        assertThat(slots.enter()).isFalse();
        slots.leave(1);
        assertThat(slots.enter()).isTrue();
        assertThat(slots.waiting()).isEqualTo(8);
    }

    @Test
    void largeBuffers_afterABurst_goBackToTheSystem() {
        ShapeQueue shapeQueue = shapeQueues.of(bytes(8 * MEGABYTE));

        List<BatchBuffer> buffers = burst(shapeQueue, 20);

        assertThat(kept(shapeQueue, buffers)).isEqualTo(8);
    }

    @Test
    void largestBuffers_areKept_asManyAsWorkersNeed() {
        ShapeQueue shapeQueue = shapeQueues.of(bytes(40 * MEGABYTE));

        List<BatchBuffer> buffers = burst(shapeQueue, 10);

        assertThat(kept(shapeQueue, buffers)).isEqualTo(4);
    }

    @Test
    void buffersOfManyShapes_comeToNoMoreThanMayWait() {
        try (ShapeQueues many = queues(replica, new QueueSlots(100, 4 * MEGABYTE))) {
            for (int i = 0; i < 32; i++) {
                ShapeQueue shapeQueue = many.of(bytes(MEGABYTE + i));
                burst(shapeQueue, 2);
                shapeQueue.giveBack(shapeQueue.open().buffer());
            }

            assertThat(replica.taken()).isBetween(2L * MEGABYTE, 4L * MEGABYTE);
        }
    }

    @Test
    void freeBuffers_areGivenUp_whereThereIsNoMemoryForANewShape() {
        Small small = new Small(10 * MEGABYTE);
        try (ShapeQueues two = queues(small, new QueueSlots(100, 10 * MEGABYTE))) {
            burst(two.of(bytes(2 * MEGABYTE)), 2);

            ShapeQueue large = two.of(bytes(7 * MEGABYTE));

            assertThat(large.open().buffer().bytes()).isEqualTo(7 * MEGABYTE);
        }
    }

    @Test
    void smallBuffers_areAllKept() {
        ShapeQueue shapeQueue = shapeQueues.of(bytes(4));

        List<BatchBuffer> buffers = burst(shapeQueue, 500);

        assertThat(kept(shapeQueue, buffers)).isEqualTo(500);
    }
}
