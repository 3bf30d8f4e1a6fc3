package dev.cresset.tensor;

import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.ShortBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/** What a caller's buffer must be like before a tensor can share its memory. */
final class WrappedBuffers {

    private WrappedBuffers() {}

    /** The type of a tensor over a buffer, where the caller does not say. */
    static DataType typeOf(Buffer buffer) {
        Objects.requireNonNull(buffer, "direct");
        return typesOf(buffer).get(0);
    }

    /** The memory between position and limit, if a tensor of this type and size can share it. */
    static Buffer region(Buffer direct, DataType type, long[] shape) {
        Objects.requireNonNull(direct, "direct");
        if (!direct.isDirect()) {
            throw new IllegalArgumentException("wrap needs a direct buffer, this one is on the heap; Tensor.of copies");
        }
        if (direct.isReadOnly()) {
            throw new IllegalArgumentException(
                    "wrap needs a buffer that can be written to, for a model may write to its inputs; Tensor.of copies");
        }
        if (!typesOf(direct).contains(type)) {
            throw new IllegalArgumentException(
                    "a " + kind(direct) + " holds elements of " + typesOf(direct) + ", not of " + type);
        }
        if (type.bytes() > 1 && order(direct) != ByteOrder.nativeOrder()) {
            throw new IllegalArgumentException("wrap needs a buffer in native order, " + ByteOrder.nativeOrder()
                    + ", this one is " + order(direct) + "; see ByteBuffer.order");
        }
        int unit = direct instanceof ByteBuffer ? 1 : type.bytes();
        long found = (long) direct.remaining() * unit;
        int needed = Shapes.bufferBytes(type, shape);
        if (found != needed) {
            throw new IllegalArgumentException("shape " + Arrays.toString(shape) + " of " + type + " needs " + needed
                    + " bytes, the buffer has " + found + " between position and limit");
        }
        Buffer region = direct.slice();
        Views.touch(region);
        if (!isAligned(region, type.bytes())) {
            throw new IllegalArgumentException("elements of " + type + " must start at a multiple of " + type.bytes()
                    + " bytes, the buffer's position is not at one; see ByteBuffer.alignedSlice");
        }
        if (region instanceof ByteBuffer bytes) {
            bytes.order(ByteOrder.nativeOrder());
        }
        return region;
    }

    /** A typed buffer may be a view of bytes from an odd one on. */
    private static boolean isAligned(Buffer region, int unit) {
        return region instanceof ByteBuffer bytes
                ? bytes.alignmentOffset(0, unit) == 0
                : Addresses.of(region).orElse(0) % unit == 0;
    }

    private static List<DataType> typesOf(Buffer buffer) {
        if (buffer instanceof ByteBuffer) {
            return Arrays.asList(
                    DataType.INT8,
                    DataType.UINT8,
                    DataType.BOOL,
                    DataType.INT16,
                    DataType.INT32,
                    DataType.INT64,
                    DataType.FLOAT16,
                    DataType.BFLOAT16,
                    DataType.FLOAT32,
                    DataType.FLOAT64);
        } else if (buffer instanceof ShortBuffer) {
            return List.of(DataType.INT16, DataType.FLOAT16, DataType.BFLOAT16);
        } else if (buffer instanceof IntBuffer) {
            return List.of(DataType.INT32);
        } else if (buffer instanceof LongBuffer) {
            return List.of(DataType.INT64);
        } else if (buffer instanceof FloatBuffer) {
            return List.of(DataType.FLOAT32);
        } else if (buffer instanceof DoubleBuffer) {
            return List.of(DataType.FLOAT64);
        }
        throw new IllegalArgumentException("a tensor has no elements of type char");
    }

    private static String kind(Buffer buffer) {
        if (buffer instanceof ShortBuffer) {
            return "ShortBuffer";
        } else if (buffer instanceof IntBuffer) {
            return "IntBuffer";
        } else if (buffer instanceof LongBuffer) {
            return "LongBuffer";
        } else if (buffer instanceof FloatBuffer) {
            return "FloatBuffer";
        } else if (buffer instanceof DoubleBuffer) {
            return "DoubleBuffer";
        }
        return "ByteBuffer";
    }

    private static ByteOrder order(Buffer buffer) {
        if (buffer instanceof ByteBuffer bytes) {
            return bytes.order();
        } else if (buffer instanceof ShortBuffer shorts) {
            return shorts.order();
        } else if (buffer instanceof IntBuffer ints) {
            return ints.order();
        } else if (buffer instanceof LongBuffer longs) {
            return longs.order();
        } else if (buffer instanceof FloatBuffer floats) {
            return floats.order();
        }
        return ((DoubleBuffer) buffer).order();
    }
}
