package dev.cresset.onnx;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/**
 * Walks through a message of protobuf, field by field, without keeping any of it. What is not asked for is skipped, in a file
 * without being read.
 *
 * <p>Used by one thread.
 */
final class ProtoReader {

    /** Protobuf's own limit. */
    private static final int DEEPEST = 100;

    private static final int LONGEST_TEXT = 1 << 16;

    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int CONTENT = 2;
    private static final int FIXED32 = 5;

    private final InputStream in;
    private long left;
    private int depth;

    ProtoReader(InputStream in, long size) {
        this.in = in;
        this.left = size;
    }

    /** What to do with a field that has a content; what it does not read is skipped. */
    interface Fields {
        void read(int field, ProtoReader content) throws IOException;
    }

    /** All fields that are left of this message. */
    void each(Fields fields) throws IOException {
        while (left > 0) {
            long tag = varint();
            int field = (int) (tag >>> 3);
            switch ((int) (tag & 7)) {
                case VARINT -> varint();
                case FIXED64 -> skip(Long.BYTES);
                case FIXED32 -> skip(Integer.BYTES);
                case CONTENT -> within(varint(), field, fields);
                default -> throw new IOException("field " + field + " is of no kind that protobuf has");
            }
        }
    }

    private void within(long length, int field, Fields fields) throws IOException {
        if (length < 0 || length > left) {
            throw new IOException("field " + field + " goes on beyond what it is in");
        }
        if (++depth > DEEPEST) {
            throw new IOException("its messages are nested deeper than " + DEEPEST);
        }
        long after = left - length;
        left = length;
        fields.read(field, this);
        skip(left);
        left = after;
        depth--;
    }

    /** The content as a text. */
    String text() throws IOException {
        if (left > LONGEST_TEXT) {
            throw new IOException("a name has " + left + " bytes");
        }
        byte[] bytes = in.readNBytes((int) left);
        left -= bytes.length;
        if (left > 0) {
            throw new EOFException("it ends within a field");
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private void skip(long count) throws IOException {
        if (count > left) {
            throw new IOException("a number goes on beyond what it is in");
        }
        in.skipNBytes(count);
        left -= count;
    }

    private long varint() throws IOException {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            if (left-- <= 0) {
                throw new IOException("a number goes on beyond what it is in");
            }
            int part = in.read();
            if (part < 0) {
                throw new EOFException("it ends within a field");
            }
            value |= (part & 0x7fL) << shift;
            if (part < 0x80) {
                return value;
            }
        }
        throw new IOException("a number has more than 64 bits");
    }
}
