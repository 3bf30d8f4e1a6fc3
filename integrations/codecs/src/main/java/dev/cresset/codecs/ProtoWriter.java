package dev.cresset.codecs;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Writes one protobuf message field by field; as protobuf does, leaves out what has its default. Used by one thread. */
final class ProtoWriter {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    byte[] toBytes() {
        return out.toByteArray();
    }

    void string(int field, String value) {
        if (!value.isEmpty()) {
            bytes(field, value.getBytes(StandardCharsets.UTF_8));
        }
    }

    /** A field that is there even if it is empty: an element of a list, a choice. */
    void bytes(int field, byte[] value) {
        tag(field, ProtoReader.LENGTH);
        varint(value.length);
        out.writeBytes(value);
    }

    void message(int field, ProtoWriter message) {
        bytes(field, message.toBytes());
    }

    void packed(int field, ProtoWriter numbers) {
        if (numbers.out.size() > 0) {
            message(field, numbers);
        }
    }

    void tag(int field, int wireType) {
        varint(((long) field << 3) | wireType);
    }

    void varint(long value) {
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            out.write((int) (rest & 0x7f) | 0x80);
            rest >>>= 7;
        }
        out.write((int) rest);
    }

    void fixed64(long value) {
        fixed32((int) value);
        fixed32((int) (value >>> 32));
    }

    void fixed32(int value) {
        for (int shift = 0; shift < Integer.SIZE; shift += 8) {
            out.write(value >>> shift);
        }
    }
}
