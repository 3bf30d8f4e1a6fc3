package dev.cresset.codecs;

import dev.cresset.InvalidInputException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.function.LongConsumer;

/**
 * Reads one protobuf message field by field, straight from its bytes. Every length is checked against the bytes that are there
 * before anything is made for it; groups, which the protocol never had, are refused.
 *
 * <p>Used by one thread.
 */
final class ProtoReader {
    static final int VARINT = 0;
    static final int FIXED64 = 1;
    static final int LENGTH = 2;
    static final int FIXED32 = 5;

    private final String what;
    private final ByteBuffer bytes;
    private int field;
    private int wireType;

    ProtoReader(String what, ByteBuffer bytes) {
        this.what = what;
        this.bytes = bytes.order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Goes to the next field; false at the end. */
    boolean next() {
        if (!bytes.hasRemaining()) {
            return false;
        }
        long tag = varint();
        field = (int) (tag >>> 3);
        wireType = (int) (tag & 7);
        if (tag >>> 32 != 0 || field == 0) {
            throw broken("has a field of no number");
        }
        return true;
    }

    int field() {
        return field;
    }

    /** Passes over a field that nobody knows. */
    void skip() {
        switch (wireType) {
            case VARINT -> varint();
            case FIXED64 -> take(Long.BYTES);
            case LENGTH -> message();
            case FIXED32 -> take(Integer.BYTES);
            default -> throw broken("has a field " + field + " of wire type " + wireType);
        }
    }

    /** The bytes of a string, a message or packed numbers. */
    ByteBuffer message() {
        require(LENGTH);
        long length = varint();
        if (length < 0 || length > bytes.remaining()) {
            throw broken("has a field " + field + " of " + Long.toUnsignedString(length) + " bytes, there are "
                    + bytes.remaining());
        }
        return take((int) length);
    }

    byte[] copy() {
        ByteBuffer own = message();
        byte[] copy = new byte[own.remaining()];
        own.get(copy);
        return copy;
    }

    String string() {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(message()).toString();
        } catch (CharacterCodingException e) {
            throw new InvalidInputException("the " + what + " has a field " + field + " that is not UTF-8", e);
        }
    }

    /** One number of a field that has one: the bits of a double or float. */
    long number(int type) {
        require(type);
        return element(type);
    }

    /** The numbers of a repeated field, packed or not. */
    void numbers(int type, LongConsumer each) {
        if (wireType != LENGTH) {
            each.accept(number(type));
            return;
        }
        ProtoReader packed = new ProtoReader(what, message());
        packed.field = field;
        while (packed.bytes.hasRemaining()) {
            each.accept(packed.element(type));
        }
    }

    private long element(int type) {
        return switch (type) {
            case VARINT -> varint();
            case FIXED64 -> take(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).getLong();
            default -> take(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN).getInt();
        };
    }

    private void require(int type) {
        if (wireType != type) {
            throw broken("has a field " + field + " of wire type " + wireType + ", expected " + type);
        }
    }

    private long varint() {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE && bytes.hasRemaining(); shift += 7) {
            byte next = bytes.get();
            value |= (next & 0x7fL) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw broken("ends within a number, or has one of more than 64 bits");
    }

    private ByteBuffer take(int length) {
        if (length > bytes.remaining()) {
            throw broken("ends within its field " + field);
        }
        ByteBuffer own = bytes.slice().limit(length);
        bytes.position(bytes.position() + length);
        return own;
    }

    private InvalidInputException broken(String why) {
        return new InvalidInputException("the " + what + " is no message of the protocol: it " + why);
    }
}
