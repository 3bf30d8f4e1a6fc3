package dev.cresset.torch.exported;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A growing row of 64-bit words, as {@code exported/words.h} reads them. Used by one thread. */
final class Words {

    private long[] words = new long[64];
    private int count;

    Words word(long word) {
        ensure(1);
        words[count++] = word;
        return this;
    }

    Words flag(boolean flag) {
        return word(flag ? 1 : 0);
    }

    Words bits(double number) {
        return word(Double.doubleToRawLongBits(number));
    }

    /** Its length in bytes, then its bytes, padded to a whole word. */
    Words text(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        word(bytes.length);
        ByteBuffer padded = ByteBuffer.allocate((bytes.length + 7) / 8 * 8)
                .order(ByteOrder.nativeOrder())
                .put(bytes)
                .rewind();
        while (padded.hasRemaining()) {
            word(padded.getLong());
        }
        return this;
    }

    Words append(Words others) {
        ensure(others.count);
        System.arraycopy(others.words, 0, words, count, others.count);
        count += others.count;
        return this;
    }

    int count() {
        return count;
    }

    /** Outside the heap, for the native side to read. */
    ByteBuffer toDirectBuffer() {
        ByteBuffer buffer = ByteBuffer.allocateDirect(Math.multiplyExact(count, Long.BYTES));
        buffer.order(ByteOrder.nativeOrder()).asLongBuffer().put(words, 0, count);
        return buffer;
    }

    private void ensure(int more) {
        if (words.length - count < more) {
            words = Arrays.copyOf(words, Math.max(words.length * 2, count + more));
        }
    }
}
