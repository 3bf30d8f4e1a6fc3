package dev.cresset.codecs;

import dev.cresset.InvalidInputException;
import dev.cresset.tensor.Tensor;
import java.nio.ByteBuffer;

/** The elements of tensors of integers, or of bools, as longs. */
final class Integers {

    private Integers() {}

    static long[] of(Tensor tensor) {
        long[] values = new long[(int) tensor.elements()];
        ByteBuffer bytes = tensor.asByteBuffer();
        for (int i = 0; i < values.length; i++) {
            values[i] = switch (tensor.dataType()) {
                case BOOL, INT8 -> bytes.get();
                case UINT8 -> bytes.get() & 0xff;
                case INT16 -> bytes.getShort();
                case INT32 -> bytes.getInt();
                case INT64 -> bytes.getLong();
                default -> throw new IllegalArgumentException(tensor + " has no integers");
            };
        }
        return values;
    }

    /** Appends a value to a tensor that is being filled. */
    static void put(String where, Datatype datatype, ByteBuffer bytes, long value) {
        boolean fits = switch (datatype) {
            case BOOL -> true;
            case UINT8 -> value >= 0 && value <= 255;
            case INT8 -> value == (byte) value;
            case INT16 -> value == (short) value;
            case INT32 -> value == (int) value;
            case INT64 -> true;
            default -> throw new AssertionError(datatype);
        };
        if (!fits) {
            throw new InvalidInputException(where + " has the element " + value + ", which is beyond " + datatype);
        }
        switch (datatype) {
            case BOOL -> bytes.put((byte) (value != 0 ? 1 : 0));
            case UINT8, INT8 -> bytes.put((byte) value);
            case INT16 -> bytes.putShort((short) value);
            case INT32 -> bytes.putInt((int) value);
            default -> bytes.putLong(value);
        }
    }
}
