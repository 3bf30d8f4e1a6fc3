package dev.cresset.engine;

import dev.cresset.tensor.Memory;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Memory that a {@link FakeDevice} copies from: counted, overwritten when it is freed, and not to be freed while a copy is under way. It is told
 * by its addresses, which are nowhere.
 */
final class FakeHostMemory {

    private static final NavigableMap<Long, FakeHostMemory> ALL = new ConcurrentSkipListMap<>();
    private static final AtomicLong NEXT = new AtomicLong(1L << 20);

    private final AtomicInteger copies = new AtomicInteger();
    private final long end;

    private FakeHostMemory(long end) {
        this.end = end;
    }

    static Memory allocate(long size) {
        ByteBuffer bytes = ByteBuffer.allocateDirect((int) size).order(ByteOrder.nativeOrder());
        long address = NEXT.getAndAdd(size + 64);
        FakeHostMemory memory = new FakeHostMemory(address + size);
        ALL.put(address, memory);
        OpenThings.Thing thing = OpenThings.opened("host memory");
        return Memory.ofEngine(address, size, (at, length) -> bytes.duplicate(), () -> {
            thing.closed();
            ALL.remove(address);
            if (memory.copies.get() != 0) {
                throw new AssertionError("host memory was freed while a device copied from it");
            }
            for (int i = 0; i < size; i++) {
                bytes.put(i, (byte) 0xDE);
            }
        });
    }

    /** Those that tensors among these values are in. */
    static List<FakeHostMemory> of(List<Value> values) {
        List<FakeHostMemory> found = new ArrayList<>();
        for (Value value : values) {
            if (value instanceof Tensor tensor) {
                Memory memory = tensor.acquire();
                Map.Entry<Long, FakeHostMemory> entry = ALL.floorEntry(memory.address());
                if (entry != null && memory.address() < entry.getValue().end) {
                    found.add(entry.getValue());
                }
                memory.release();
            } else if (value instanceof Value.ListValue list) {
                found.addAll(of(list.elements()));
            }
        }
        return found;
    }

    void copyBegins() {
        copies.incrementAndGet();
    }

    void copyEnds() {
        copies.decrementAndGet();
    }
}
