package dev.cresset.codecs;

import dev.cresset.InvalidInputException;
import dev.cresset.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The elements of tensors as raw bytes: little-endian, row-major, a bool in a byte, a string after its length. */
final class Elements {
    /** As many as numpy has. */
    private static final int MOST_DIMENSIONS = 64;

    private static final int LENGTH_BYTES = 4;

    private Elements() {}

    /** How many elements a shape has. */
    static long count(String where, long... shape) {
        if (shape.length > MOST_DIMENSIONS) {
            throw new InvalidInputException(
                    where + " has " + shape.length + " dimensions, expected at most " + MOST_DIMENSIONS);
        }
        long count = 1;
        for (long size : shape) {
            if (size < 0) {
                throw new InvalidInputException(
                        where + " has the shape " + Arrays.toString(shape) + ", whose sizes must not be negative");
            }
            long high = Math.multiplyHigh(count, size);
            count *= size;
            if (high != 0 || count < 0) {
                throw new InvalidInputException(
                        where + " has the shape " + Arrays.toString(shape) + ", which is larger than any memory");
            }
        }
        return count;
    }

    static void requireCount(String where, long found, long... shape) {
        long expected = count(where, shape);
        if (found != expected) {
            throw new InvalidInputException(where + " has " + found + " elements, expected the " + expected
                    + " of its shape " + Arrays.toString(shape));
        }
    }

    /** Reads a tensor; the caller closes it. */
    static Tensor tensor(String where, Datatype datatype, long[] shape, ByteBuffer raw) {
        long count = count(where, shape);
        int size = datatype.type().bytes();
        // Division, because the product may overflow.
        if (raw.remaining() % size != 0 || raw.remaining() / size != count) {
            throw new InvalidInputException(where + " has " + raw.remaining() + " bytes, expected those of " + count
                    + " elements of " + datatype + ", " + size + " bytes each");
        }
        Tensor tensor = Tensor.allocate(datatype.type(), shape);
        ByteBuffer little = raw.slice().order(ByteOrder.LITTLE_ENDIAN);
        switch (datatype) {
            case BOOL -> {
                ByteBuffer target = tensor.asByteBuffer();
                while (little.hasRemaining()) {
                    // A byte that is neither 0 nor 1 is no bool to LibTorch.
                    target.put((byte) (little.get() != 0 ? 1 : 0));
                }
            }
            case UINT8, INT8 -> tensor.asByteBuffer().put(little);
            case INT16, FP16, BF16 -> tensor.asShortBuffer().put(little.asShortBuffer());
            case INT32 -> tensor.asIntBuffer().put(little.asIntBuffer());
            case INT64 -> tensor.asLongBuffer().put(little.asLongBuffer());
            case FP32 -> tensor.asFloatBuffer().put(little.asFloatBuffer());
            case FP64 -> tensor.asDoubleBuffer().put(little.asDoubleBuffer());
            case BYTES -> throw new AssertionError(datatype);
        }
        return tensor;
    }

    /** Reads strings. */
    static List<byte[]> strings(String where, long[] shape, ByteBuffer raw) {
        long count = count(where, shape);
        ByteBuffer little = raw.slice().order(ByteOrder.LITTLE_ENDIAN);
        List<byte[]> strings = new ArrayList<>();
        while (little.hasRemaining() && strings.size() < count) {
            int length = little.remaining() < LENGTH_BYTES ? -1 : little.getInt();
            if (length < 0 || length > little.remaining()) {
                throw new InvalidInputException(where + " ends within its element " + strings.size() + " of BYTES");
            }
            byte[] string = new byte[length];
            little.get(string);
            strings.add(string);
        }
        if (strings.size() != count || little.hasRemaining()) {
            throw new InvalidInputException(where + " has " + raw.remaining() + " bytes, which are not the " + count
                    + " elements of BYTES that its shape says");
        }
        return strings;
    }

    /** The raw bytes of a tensor or of strings. */
    static byte[] raw(InferTensor one) {
        if (one.type() == Datatype.BYTES) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            ByteBuffer length = ByteBuffer.allocate(LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN);
            for (byte[] element : one.bytes()) {
                out.writeBytes(length.putInt(0, element.length).array());
                out.writeBytes(element);
            }
            return out.toByteArray();
        }
        Tensor tensor = one.tensor();
        byte[] bytes = new byte[tensor.asByteBuffer().remaining()];
        ByteBuffer little = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        switch (one.type()) {
            case BOOL, UINT8, INT8 -> little.put(tensor.asByteBuffer());
            case INT16, FP16, BF16 -> little.asShortBuffer().put(tensor.asShortBuffer());
            case INT32 -> little.asIntBuffer().put(tensor.asIntBuffer());
            case INT64 -> little.asLongBuffer().put(tensor.asLongBuffer());
            case FP32 -> little.asFloatBuffer().put(tensor.asFloatBuffer());
            case FP64 -> little.asDoubleBuffer().put(tensor.asDoubleBuffer());
            case BYTES -> throw new AssertionError(one);
        }
        return bytes;
    }
}
