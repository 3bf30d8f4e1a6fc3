package dev.cresset.torch;

import dev.cresset.engine.EngineException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Off-heap words that Java and C++ hand each other, see {@code wire.h}. Grows as it is written to. Used by one thread at a
 * time; the garbage collector frees it.
 */
final class WireBlock {

    private static final int LARGEST = 1 << 30;

    private ByteBuffer words;
    private long address;

    WireBlock(int bytes) {
        words = allocate(bytes);
        address = Bridge.addressOf(words);
    }

    long address() {
        return address;
    }

    int capacity() {
        return words.capacity();
    }

    /** All the words; read and written from index zero. */
    ByteBuffer words() {
        return words;
    }

    /** Makes room for this many bytes in all, keeping what is there. */
    void ensure(long bytes) {
        if (bytes > LARGEST) {
            throw new EngineException(
                    EngineException.Kind.INVALID_INPUT,
                    "strings and lists of " + bytes + " bytes are too much for one call, which takes " + LARGEST
                            + "; pass numbers as tensors");
        }
        if (bytes > words.capacity()) {
            ByteBuffer larger = allocate((int) Math.min(LARGEST, Math.max(bytes, 2L * words.capacity())));
            larger.put(0, words, 0, words.capacity());
            words = larger;
            address = Bridge.addressOf(larger);
        }
    }

    private static ByteBuffer allocate(int bytes) {
        return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    }
}
